import { createRouter } from '../trpc.ts';
import { listAuditProcedure } from './list-audit.ts';
import { verifyAuditProcedure } from './verify-audit.ts';

export const auditRouter = createRouter({
  list: listAuditProcedure,
  verify: verifyAuditProcedure,
});
