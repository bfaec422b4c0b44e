import { z } from 'zod';
import { listAudit } from '../../services/audit.ts';
import { withPermission } from '../trpc.ts';
import { auditView, pageInput } from '../views.ts';

export const listAuditInput = pageInput.extend({
  action: z.string().max(100).optional(),
  subjectKind: z.string().max(100).optional(),
  subjectId: z.string().max(100).optional(),
  actor: z.string().max(100).optional(),
});
export const listAuditOutput = z.object({ items: z.array(auditView), nextCursor: z.string().nullable() });

export const listAuditProcedure = withPermission('audit.read')
  .input(listAuditInput)
  .output(listAuditOutput)
  .query(({ ctx, input }) => listAudit(ctx, input));
