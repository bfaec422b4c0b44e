import type { Prisma } from '@saface/db';
import type { AuditRecord } from '@saface/db/repositories/audit';
import type { ServiceContext } from '../deps.ts';
import { recordAudit } from './audit-log.ts';

/** Does `work` and writes its audit entry in one transaction. */
export function audited<T>(
  ctx: ServiceContext,
  work: (tx: Prisma.TransactionClient) => Promise<{ value: T; record: AuditRecord }>,
): Promise<T> {
  return ctx.prisma.$transaction(
    async (tx) => {
      const { value, record } = await work(tx);
      await recordAudit(tx, ctx.actor, record);
      return value;
    },
    { timeout: 20_000 },
  );
}
