import { createRouter } from '../trpc.ts';
import { getRetentionProcedure } from './get-retention.ts';
import { listAuditProcedure } from './list-audit.ts';
import { updateRetentionProcedure } from './update-retention.ts';
import { verifyAuditProcedure } from './verify-audit.ts';

export const auditRouter = createRouter({
  list: listAuditProcedure,
  verify: verifyAuditProcedure,
  retention: getRetentionProcedure,
  setRetention: updateRetentionProcedure,
});
