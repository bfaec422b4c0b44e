import { idSchema, schedulingPolicySchema } from '@saface/core';
import { z } from 'zod';
import { replayPolicy } from '../../services/scheduling.ts';
import { timeRange } from '../metrics/time-range.ts';
import { withPermission } from '../trpc.ts';

export const replayPolicyInput = timeRange.extend({ edgeId: idSchema, alpha: schedulingPolicySchema.shape.alpha });
export const replayPolicyOutput = z.object({
  bucketMs: z.number(),
  points: z.array(
    z.object({
      time: z.number(),
      load: z.number().nullable(),
      batch: z.number().nullable(),
      whatIf: z.number().nullable(),
    }),
  ),
  meanBatch: z.number().nullable(),
  meanWhatIf: z.number().nullable(),
});

export const replayPolicyProcedure = withPermission('site.read')
  .input(replayPolicyInput)
  .output(replayPolicyOutput)
  .query(({ ctx, input }) => replayPolicy(ctx, input));
