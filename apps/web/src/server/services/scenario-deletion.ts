import { type EdgeCommand, SafaceError } from '@saface/core';
import type { Db, Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { inWords } from '../../lib/describe-contents.ts';
import { plural } from '../../lib/format.ts';
import type { ScenarioContentsView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { recorded } from './audited.ts';

/** What goes with a scenario, for the question before it is deleted. */
export async function getScenarioContents(
  { prisma }: ServiceContext,
  { id }: { id: string },
): Promise<ScenarioContentsView> {
  if (!(await prisma.scenario.findUnique({ where: { id } }))) throw notFound('scenario');
  return contentsOf(prisma, id);
}

// Not by `_count`, which counts those of every scenario there is.
const contentsOf = async (db: Db, scenarioId: string): Promise<ScenarioContentsView> => ({
  learnt: await db.modelVersion.count({ where: { scenarioId, learnerSha256: { not: null } } }),
  runs: await db.trainingRun.count({ where: { scenarioId } }),
  events: await db.event.count({ where: { scenarioId } }),
});

/**
 * Deletes a scenario with what it learnt and saw: versions, training runs, events and their pictures. Its cameras are moved or deleted
 * first, so that no edge serves it any more: an edge deletes what it collected for a scenario when the last of its cameras leaves. What
 * waits in outboxes is refused as of a scenario that is not there. The audit log and receipts of erasures stay.
 */
export async function deleteScenario(ctx: ServiceContext, { id }: { id: string }) {
  const files = await recorded(
    ctx,
    async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${id} FOR UPDATE`;
      const scenario = await tx.scenario.findUnique({
        where: { id },
        include: {
          site: { select: { id: true, name: true } },
          cameras: { where: { deletedAt: null }, select: { name: true }, orderBy: { name: 'asc' } },
        },
      });
      if (!scenario) throw notFound('scenario');
      const { name, site, cameras } = scenario;
      if (cameras.length > 0)
        throw new SafaceError(
          'conflict',
          `${plural(cameras.length, 'camera')} still ${cameras.length === 1 ? 'belongs' : 'belong'} to ${name}: ${inWords(cameras.map((camera) => camera.name))}`,
          'Move each to another scenario, or delete it, under Fleet.',
        );
      const contents = await contentsOf(tx, id);
      const { files: examples } = await deleteTriplets(tx, { run: { scenarioId: id } });
      const pictures = await tx.event.findMany({
        where: { scenarioId: id, cropSha256: { not: null } },
        select: { cropSha256: true },
      });
      const learners = await tx.modelVersion.findMany({
        where: { scenarioId: id, learnerSha256: { not: null } },
        select: { learnerSha256: true },
      });
      await tx.event.deleteMany({ where: { scenarioId: id } });
      await letGoOfCameras(tx, id);
      await withdrawOrders(tx, id);
      await tx.scenario.delete({ where: { id } });
      await recordAudit(tx, ctx.actor, {
        action: 'scenario.delete',
        subjectKind: 'scenario',
        subjectId: id,
        data: { name, site: site.name, siteId: site.id, ...contents },
      });
      return [
        ...examples,
        ...pictures.map(({ cropSha256 }) => cropSha256),
        ...learners.map(({ learnerSha256 }) => learnerSha256),
      ];
    },
    // Months of events go in one step.
    { timeout: 300_000 },
  );
  await ctx.artifacts.release(ctx.prisma, files);
  return { id };
}

/**
 * Cameras that were deleted before keep their row for their events. Those that another scenario's events name (the camera was moved) go on
 * as that scenario's; the others have nothing left to tell.
 */
async function letGoOfCameras(tx: Prisma.TransactionClient, scenarioId: string): Promise<void> {
  const cameras = await tx.camera.findMany({
    where: { scenarioId, deletedAt: { not: null } },
    select: { id: true, events: { select: { scenarioId: true }, orderBy: { firstSeen: 'desc' }, take: 1 } },
  });
  for (const { id, events } of cameras) {
    const [event] = events;
    if (event) await tx.camera.update({ where: { id }, data: { scenarioId: event.scenarioId } });
    else await tx.camera.delete({ where: { id } });
  }
}

/** An edge that was away would find orders to train for what is not there. */
async function withdrawOrders(tx: Prisma.TransactionClient, scenarioId: string): Promise<void> {
  const kind: EdgeCommand['kind'] = 'train-now';
  await tx.command.deleteMany({
    where: {
      acknowledgedAt: null,
      AND: [{ command: { path: ['kind'], equals: kind } }, { command: { path: ['scenarioId'], equals: scenarioId } }],
    },
  });
}
