import type { Db } from '@saface/db';
import { type AuditRecord, appendAudit } from '@saface/db/repositories/audit';
import type { Actor } from './actor.ts';

type Who = Pick<Actor, 'id' | 'name'>;

/** What transactions have recorded that write it at their end. */
const unwritten = new WeakMap<Db, [Who, AuditRecord][]>();

/** Part of the caller's transaction, so that there is no deed without its entry and no entry without its deed. */
export async function recordAudit(tx: Db, { id, name }: Who, record: AuditRecord): Promise<void> {
  const later = unwritten.get(tx);
  if (later) later.push([{ id, name }, record]);
  else await appendAudit(tx, { id, name }, record);
}

/**
 * Does `work` and then writes what it recorded. From its first entry to its commit a transaction has the log for itself: one that went on
 * with other work would hold up everybody else's, and wait for rows of one that waits for the log.
 */
export async function auditAtEnd<T>(tx: Db, work: () => Promise<T>): Promise<T> {
  const entries: [Who, AuditRecord][] = [];
  unwritten.set(tx, entries);
  const value = await work();
  unwritten.delete(tx);
  for (const [who, record] of entries) await appendAudit(tx, who, record);
  return value;
}

/** Drops what is recorded from now on when it is called, as the rollback to a savepoint does with the deeds. */
export function auditSavepoint(tx: Db): () => void {
  const entries = unwritten.get(tx) ?? [];
  const { length } = entries;
  return () => {
    entries.length = length;
  };
}
