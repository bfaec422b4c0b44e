import { SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { versionLabel } from '@saface/db/repositories/versions';
import type { ServiceContext } from '../deps.ts';
import { type Actor, notFound } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { recorded } from './audited.ts';

export interface Move {
  readonly scenarioId: string;
  readonly versionId: string;
  readonly kind: 'promote' | 'auto' | 'rollback' | 'watch' | 'retire';
  readonly reason: string;
}

/**
 * Makes a version the champion and the champion the previous one, with its deployment and its audit entry: all or nothing,
 * one move of a scenario at a time.
 */
export async function moveChampion(tx: Prisma.TransactionClient, actor: Pick<Actor, 'id' | 'name'>, move: Move) {
  const { scenarioId, versionId, kind, reason } = move;
  await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
  const version = await tx.modelVersion.findFirst({ where: { id: versionId, scenarioId } });
  if (!version) throw notFound('version');
  await requireSameBase(tx, version);
  if (version.retiredAt)
    throw new SafaceError(
      'conflict',
      `${versionLabel(version.number)} is retired: ${version.retiredReason}`,
      'Choose another version, or train a new one.',
    );
  const aliases = await tx.alias.findMany({ where: { scenarioId } });
  const champion = aliases.find((alias) => alias.name === 'champion');
  if (champion?.versionId === versionId)
    throw new SafaceError(
      'conflict',
      `${versionLabel(version.number)} is the champion already`,
      'Reload the page; somebody else may have been quicker.',
    );
  await setAlias(tx, { scenarioId, name: 'champion', versionId });
  if (champion) await setAlias(tx, { scenarioId, name: 'previous', versionId: champion.versionId });
  // A candidate that is live is no candidate any more; a shadow was trained from, and measured against, who was champion.
  await tx.alias.deleteMany({ where: { scenarioId, OR: [{ name: 'candidate', versionId }, { name: 'shadow' }] } });
  const deployment = await tx.deployment.create({
    data: {
      scenarioId,
      kind,
      fromVersionId: champion?.versionId ?? null,
      toVersionId: versionId,
      actorName: actor.name,
      reason,
    },
  });
  await recordAudit(tx, actor, {
    action: actions[kind],
    subjectKind: 'scenario',
    subjectId: scenarioId,
    data: { from: champion?.versionId ?? null, to: versionId, automatic: kind === 'auto' || kind === 'watch', reason },
  });
  return { deploymentId: deployment.id };
}

const actions: Record<Move['kind'], string> = {
  promote: 'version.promote',
  auto: 'version.promote',
  rollback: 'version.rollback',
  watch: 'version.rollback',
  retire: 'version.rollback',
};

/** A learner continues one extractor: after a move to another base model the versions of the old one cannot run. */
async function requireSameBase(
  tx: Prisma.TransactionClient,
  version: { scenarioId: string; baseModelId: string; number: number },
): Promise<void> {
  const scenario = await tx.scenario.findUniqueOrThrow({
    where: { id: version.scenarioId },
    select: { baseModel: { select: { id: true, name: true } } },
  });
  if (scenario.baseModel.id === version.baseModelId) return;
  const own = await tx.baseModel.findUniqueOrThrow({ where: { id: version.baseModelId } });
  throw new SafaceError(
    'conflict',
    `${versionLabel(version.number)} was learnt on ${own.name}, and the scenario is on ${scenario.baseModel.name}`,
    `Move the scenario back to ${own.name} first.`,
  );
}

export async function setAlias(
  tx: Prisma.TransactionClient,
  {
    scenarioId,
    name,
    versionId,
  }: { scenarioId: string; name: 'champion' | 'candidate' | 'shadow' | 'previous'; versionId: string },
): Promise<void> {
  await tx.alias.upsert({
    where: { scenarioId_name: { scenarioId, name } },
    create: { scenarioId, name, versionId },
    update: { versionId },
  });
}

export function promoteVersion(ctx: ServiceContext, { versionId, reason }: { versionId: string; reason: string }) {
  return recorded(ctx, async (tx) => {
    const version = await tx.modelVersion.findUnique({ where: { id: versionId } });
    if (!version) throw notFound('version');
    return moveChampion(tx, ctx.actor, { scenarioId: version.scenarioId, versionId, kind: 'promote', reason });
  });
}

/** Back to `versionId`, or to the one that was champion before. */
export function rollbackVersion(
  ctx: ServiceContext,
  { scenarioId, versionId, reason }: { scenarioId: string; versionId?: string | undefined; reason: string },
) {
  return recorded(ctx, async (tx) => {
    const previous = await tx.alias.findUnique({ where: { scenarioId_name: { scenarioId, name: 'previous' } } });
    const target = versionId ?? previous?.versionId;
    if (!target)
      throw new SafaceError(
        'conflict',
        'This scenario has served no other version yet',
        'Choose a version from the list and promote it.',
      );
    return moveChampion(tx, ctx.actor, { scenarioId, versionId: target, kind: 'rollback', reason });
  });
}
