import type { Prisma } from '@saface/db';
import { verifyAuditChain } from '@saface/db/repositories/audit';
import type { AuditView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';

export interface AuditQuery {
  readonly cursor?: string | null | undefined;
  readonly limit: number;
  readonly action?: string | undefined;
  readonly subjectKind?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly actor?: string | undefined;
}

/** Newest first; the cursor is a sequence number. */
export async function listAudit({ prisma }: ServiceContext, query: AuditQuery) {
  const before = query.cursor ? Number.parseInt(query.cursor, 10) : null;
  const where: Prisma.AuditEntryWhereInput = {
    ...(before !== null && Number.isInteger(before) && { sequence: { lt: before } }),
    ...(query.action && { action: { startsWith: query.action } }),
    ...(query.subjectKind && { subjectKind: query.subjectKind }),
    ...(query.subjectId && { subjectId: query.subjectId }),
    ...(query.actor && { actorName: { contains: query.actor, mode: 'insensitive' } }),
  };
  const rows = await prisma.auditEntry.findMany({ where, orderBy: { sequence: 'desc' }, take: query.limit + 1 });
  const items: AuditView[] = rows.slice(0, query.limit).map(({ actorName, at, data, ...row }) => ({
    ...row,
    at: at.getTime(),
    actor: actorName,
    data: data as Record<string, unknown>,
  }));
  return { items, nextCursor: rows.length > query.limit ? String(items[items.length - 1].sequence) : null };
}

export async function verifyAudit({ prisma }: ServiceContext) {
  const { entries, brokenAt } = await verifyAuditChain(prisma);
  return {
    intact: brokenAt === null,
    entries,
    brokenAt,
    message:
      brokenAt === null
        ? `All ${entries} entries are as they were written`
        : `Entry ${brokenAt} was changed or removed after it was written`,
  };
}
