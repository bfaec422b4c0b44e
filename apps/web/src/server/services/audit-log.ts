import type { Db } from '@saface/db';
import { type AuditRecord, appendAudit } from '@saface/db/repositories/audit';
import type { Actor } from './actor.ts';

/** Part of the caller's transaction, so that there is no deed without its entry and no entry without its deed. */
export async function recordAudit(tx: Db, actor: Pick<Actor, 'id' | 'name'>, record: AuditRecord): Promise<void> {
  await appendAudit(tx, { id: actor.id, name: actor.name }, record);
}
