import { createHash } from 'node:crypto';
import { storableText } from '@saface/core';
import type { Db, Prisma } from '../client.ts';

/** `data` holds ids and figures, never names of enrolled people: the log outlives their erasure. */
export interface AuditRecord {
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly data: Record<string, unknown>;
}

interface Entry extends AuditRecord {
  readonly sequence: number;
  readonly at: Date;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly previousHash: string;
}

/** Any fixed number: entries are numbered one writer at a time, until its transaction ends. */
const LOCK = 728_191_001;
const GENESIS = '0'.repeat(64);

export function hashOfEntry(entry: Entry): string {
  const content = [
    entry.sequence,
    entry.at.toISOString(),
    entry.actorId,
    entry.actorName,
    entry.action,
    entry.subjectKind,
    entry.subjectId,
    canonical(entry.data),
    entry.previousHash,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** JSON with sorted keys: PostgreSQL's jsonb keeps no order of its own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}

/** As the database will hold it: the hash is of what can be read again. */
const storable = (data: object): Prisma.InputJsonObject =>
  JSON.parse(JSON.stringify(data), (_, value) => (typeof value === 'string' ? storableText(value) : value));

/** Appends within the caller's transaction. */
export async function appendAudit(
  tx: Db,
  actor: { id: string | null; name: string },
  record: AuditRecord,
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK})`;
  const last = await tx.auditEntry.findFirst({ orderBy: { sequence: 'desc' }, select: { sequence: true, hash: true } });
  const entry = {
    sequence: (last?.sequence ?? 0) + 1,
    at: new Date(),
    actorId: actor.id,
    actorName: storableText(actor.name),
    action: record.action,
    subjectKind: record.subjectKind,
    subjectId: record.subjectId,
    data: storable(record.data),
    previousHash: last?.hash ?? GENESIS,
  };
  await tx.auditEntry.create({ data: { ...entry, hash: hashOfEntry(entry) } });
}

export interface ChainReport {
  readonly entries: number;
  /** Sequence number of the first entry that is not what was written, or that is missing. */
  readonly brokenAt: number | null;
}

export async function verifyAuditChain(db: Db, pageSize = 1000): Promise<ChainReport> {
  let previousHash = GENESIS;
  let sequence = 0;
  for (;;) {
    const rows = await db.auditEntry.findMany({
      where: { sequence: { gt: sequence } },
      orderBy: { sequence: 'asc' },
      take: pageSize,
    });
    for (const row of rows) {
      const entry = { ...row, data: row.data as Record<string, unknown> };
      if (row.sequence !== sequence + 1 || row.previousHash !== previousHash || hashOfEntry(entry) !== row.hash)
        return { entries: sequence, brokenAt: sequence + 1 };
      previousHash = row.hash;
      sequence = row.sequence;
    }
    if (rows.length < pageSize) return { entries: sequence, brokenAt: null };
  }
}
