import type { Prisma } from '@saface/db';
import type { AuditRecord } from '@saface/db/repositories/audit';
import type { Deps, ServiceContext } from '../deps.ts';
import { retryWriteConflicts } from '../write-conflict.ts';
import { auditAtEnd, recordAudit } from './audit-log.ts';

/**
 * Does `work` in one transaction, with what it records at the end. It is begun again where the database ended it for another's sake, so
 * it does nothing outside that may not happen twice.
 */
export function recorded<T>(
  { prisma }: Pick<Deps, 'prisma'>,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
  options: { readonly timeout: number; readonly maxWait?: number } = { timeout: 20_000 },
): Promise<T> {
  return retryWriteConflicts(() => prisma.$transaction((tx) => auditAtEnd(tx, () => work(tx)), options));
}

/** Does `work` and writes its audit entry in one transaction. */
export function audited<T>(
  ctx: ServiceContext,
  work: (tx: Prisma.TransactionClient) => Promise<{ value: T; record: AuditRecord }>,
): Promise<T> {
  return recorded(ctx, async (tx) => {
    const { value, record } = await work(tx);
    await recordAudit(tx, ctx.actor, record);
    return value;
  });
}
