import { decisionPolicySchema, recogniserSpecSchema, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import type { MoveView } from '../api/views.ts';
import type { Deps, ServiceContext } from '../deps.ts';
import { announce } from '../jobs/announce.ts';
import { notFound, systemActor } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { audited } from './audited.ts';
import { toMsOrNull } from './time.ts';

/** The newest move of a scenario that has not ended well, for its page; null when there is none. */
export async function findMove({ prisma }: Pick<Deps, 'prisma'>, scenarioId: string): Promise<MoveView | null> {
  const row = await prisma.baseModelMove.findFirst({
    where: { scenarioId },
    orderBy: { createdAt: 'desc' },
    include: { baseModel: { select: { id: true, name: true } } },
  });
  if (!row || row.status === 'done' || row.status === 'cancelled') return null;
  return {
    id: row.id,
    status: row.status,
    baseModel: row.baseModel,
    reason: row.reason,
    requestedBy: row.requestedByName,
    pictures: row.pictures,
    prepared: row.prepared,
    error: row.error,
    createdAt: row.createdAt.getTime(),
    endedAt: toMsOrNull(row.endedAt),
  };
}

/** Asks for another base model; the scenario goes on with the one it has until its enrolled pictures are aligned for it. */
export async function requestMove(
  ctx: ServiceContext,
  { scenarioId, baseModelId, reason }: { scenarioId: string; baseModelId: string; reason: string },
) {
  const id = await audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
    const scenario = await tx.scenario.findUnique({ where: { id: scenarioId }, include: { moves: true } });
    if (!scenario) throw notFound('scenario');
    const model = await tx.baseModel.findUnique({ where: { id: baseModelId } });
    if (!model) throw notFound('base model');
    if (scenario.baseModelId === baseModelId)
      throw new SafaceError('conflict', `The scenario is on ${model.name} already`, 'Choose another base model.');
    if (scenario.moves.some(({ status }) => status === 'preparing'))
      throw new SafaceError('conflict', 'The scenario is on its way to another base model', 'Cancel that move first.');
    const move = await tx.baseModelMove.create({
      data: {
        scenarioId,
        baseModelId,
        fromBaseModelId: scenario.baseModelId,
        reason,
        requestedByName: ctx.actor.name,
      },
    });
    const data = { moveId: move.id, from: scenario.baseModelId, to: baseModelId, reason };
    return {
      value: move.id,
      record: { action: 'scenario.move', subjectKind: 'scenario', subjectId: scenarioId, data },
    };
  });
  await announce<'baseModelMove'>(ctx.moveQueue, { id, payload: { moveId: id }, log: ctx.log });
  return { id };
}

export function cancelMove(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.baseModelMove.updateMany({
      where: { id, status: 'preparing' },
      data: { status: 'cancelled', endedAt: new Date() },
    });
    if (count === 0) throw notFound('move that could be cancelled');
    return { value: { id }, record: { action: 'scenario.move-cancel', subjectKind: 'move', subjectId: id, data: {} } };
  });
}

/**
 * Moves the scenario: a new version that is the other base model itself becomes the champion. What was learnt on the old
 * base cannot run on the new one, so no version is kept to roll back to; the way back is to move back. A threshold that an
 * operator set is a distance under the old base and means nothing under the new.
 */
export async function finishMove({ prisma }: Pick<Deps, 'prisma'>, moveId: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const move = await tx.baseModelMove.findUniqueOrThrow({ where: { id: moveId } });
    const { scenarioId, baseModelId, fromBaseModelId, reason, requestedByName } = move;
    await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
    const { count } = await tx.baseModelMove.updateMany({
      where: { id: moveId, status: 'preparing' },
      data: { status: 'done', endedAt: new Date() },
    });
    if (count === 0) return;
    const versionId = await baseVersion(tx, { scenarioId, baseModelId });
    const champion = await tx.alias.findUnique({ where: { scenarioId_name: { scenarioId, name: 'champion' } } });
    const scenario = await tx.scenario.findUniqueOrThrow({ where: { id: scenarioId } });
    const decision = decisionPolicySchema.parse(scenario.decision);
    await tx.scenario.update({
      where: { id: scenarioId },
      data: { baseModelId, decision: { ...decision, threshold: null } },
    });
    await tx.alias.deleteMany({ where: { scenarioId } });
    await tx.alias.create({ data: { scenarioId, name: 'champion', versionId } });
    const deployment = {
      scenarioId,
      kind: 'rebase' as const,
      fromVersionId: champion?.versionId ?? null,
      toVersionId: versionId,
      actorName: requestedByName,
      reason,
    };
    await tx.deployment.create({ data: deployment });
    const data = { moveId, from: fromBaseModelId, to: baseModelId, versionId, requestedBy: requestedByName, reason };
    await recordAudit(tx, systemActor, {
      action: 'scenario.moved',
      subjectKind: 'scenario',
      subjectId: scenarioId,
      data: { ...data, droppedThreshold: decision.threshold },
    });
  });
}

/** The version that is this base model itself: that of an earlier stay, or a new one. */
async function baseVersion(
  tx: Prisma.TransactionClient,
  { scenarioId, baseModelId }: { scenarioId: string; baseModelId: string },
): Promise<string> {
  const known = await tx.modelVersion.findFirst({ where: { scenarioId, baseModelId, learnerSha256: null } });
  if (known) return known.id;
  const { recogniser } = await tx.baseModel.findUniqueOrThrow({ where: { id: baseModelId } });
  const last = await tx.modelVersion.aggregate({ where: { scenarioId }, _max: { number: true } });
  const version = await tx.modelVersion.create({
    data: {
      scenarioId,
      baseModelId,
      number: (last._max.number ?? -1) + 1,
      cut: recogniserSpecSchema.parse(recogniser).defaultCut,
      createdAt: new Date(),
    },
  });
  return version.id;
}
