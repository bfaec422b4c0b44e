import { z } from 'zod';
import { retentionPeriodsSchema, retentionPolicySchema } from '../../../lib/retention.ts';
import { getRetention } from '../../services/retention-policy.ts';
import { withPermission } from '../trpc.ts';
import { noInput } from '../views.ts';

const time = z.number().nullable();

export const getRetentionOutput = z.object({
  policy: retentionPolicySchema,
  /** What is stored for periods that nothing can go by; `policy` has those of a new installation for them. */
  unusable: z.partialRecord(retentionPeriodsSchema.keyof(), z.string()),
  /** When the oldest of each class is due, in ms since 1970; null = there is none, or no period to go by. */
  next: z.record(retentionPeriodsSchema.keyof(), time),
  /** When the next person is erased whose consent has ended, or will. */
  nextErasure: time,
});

export const getRetentionProcedure = withPermission('audit.read')
  .input(noInput)
  .output(getRetentionOutput)
  .query(({ ctx }) => getRetention(ctx));
