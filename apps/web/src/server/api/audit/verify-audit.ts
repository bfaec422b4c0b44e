import { z } from 'zod';
import { verifyAudit } from '../../services/audit.ts';
import { withPermission } from '../trpc.ts';
import { noInput } from '../views.ts';

export const verifyAuditOutput = z.object({
  intact: z.boolean(),
  entries: z.number(),
  brokenAt: z.number().nullable(),
  message: z.string(),
});

export const verifyAuditProcedure = withPermission('audit.read')
  .input(noInput)
  .output(verifyAuditOutput)
  .query(({ ctx }) => verifyAudit(ctx));
