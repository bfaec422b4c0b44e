import { SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { versionLabel } from '@saface/db/repositories/versions';
import type { ServiceContext } from '../deps.ts';
import { type Actor, notFound } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { recorded } from './audited.ts';
import { moveChampion } from './deployments.ts';

type Who = Pick<Actor, 'id' | 'name'>;

/** Takes a version out of service for good. */
export function retireVersion(ctx: ServiceContext, { versionId, reason }: { versionId: string; reason: string }) {
  return recorded(ctx, async (tx) => {
    await retire(tx, ctx.actor, { versionId, reason });
    return { id: versionId };
  });
}

/**
 * Marks a version so that it cannot go live again, and lets go of every alias on it. Where it was the champion, the newest
 * ancestor that is not retired takes over, at the latest the base model, which has learnt from nobody.
 */
export async function retire(tx: Prisma.TransactionClient, actor: Who, of: { versionId: string; reason: string }) {
  const { versionId, reason } = of;
  const version = await tx.modelVersion.findUnique({ where: { id: versionId } });
  if (!version) throw notFound('version');
  const { scenarioId } = version;
  await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
  if (version.learnerSha256 === null)
    throw new SafaceError('conflict', 'A base model has learnt from nobody here', 'Only learnt versions are retired.');
  const { count } = await tx.modelVersion.updateMany({
    where: { id: versionId, retiredAt: null },
    data: { retiredAt: new Date(), retiredByName: actor.name, retiredReason: reason },
  });
  if (count === 0) return;
  await recordAudit(tx, actor, {
    action: 'version.retire',
    subjectKind: 'version',
    subjectId: versionId,
    data: { scenarioId, reason },
  });
  const champion = await tx.alias.findUnique({ where: { scenarioId_name: { scenarioId, name: 'champion' } } });
  if (champion?.versionId === versionId) {
    const heir = await newestLivingAncestor(tx, version);
    const why = `${versionLabel(version.number)} was retired: ${reason}`.slice(0, 500);
    await moveChampion(tx, actor, { scenarioId, versionId: heir, kind: 'retire', reason: why });
  }
  await tx.alias.deleteMany({ where: { scenarioId, versionId, name: { not: 'champion' } } });
}

async function newestLivingAncestor(
  tx: Prisma.TransactionClient,
  version: { parentId: string | null; scenarioId: string; baseModelId: string },
): Promise<string> {
  const { scenarioId, baseModelId } = version;
  const own = await tx.modelVersion.findMany({ where: { scenarioId, baseModelId } });
  const byId = new Map(own.map((row) => [row.id, row]));
  for (let id = version.parentId; id !== null; id = byId.get(id)?.parentId ?? null) {
    const ancestor = byId.get(id);
    if (ancestor?.retiredAt === null) return id;
  }
  const base = own.find(({ learnerSha256 }) => learnerSha256 === null);
  if (!base)
    throw new SafaceError('conflict', 'No version is left to take over', 'Move the scenario to a base model first.');
  return base.id;
}
