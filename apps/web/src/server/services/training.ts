import { type EdgeCommand, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { verdictOf, versionRef } from '@saface/db/repositories/versions';
import type { RunDetailView, RunView, runStatuses } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { decodeCursor, pageOf } from './cursor.ts';
import { toMsOrNull } from './time.ts';

const ref = { select: { id: true, name: true } } as const;
const include = {
  scenario: { select: { id: true, name: true, versions: { select: { id: true, number: true } } } },
  edge: ref,
  points: { orderBy: { step: 'desc' }, take: 1 },
} satisfies Prisma.TrainingRunInclude;

function toView(row: Prisma.TrainingRunGetPayload<{ include: typeof include }>): RunView {
  const version = (id: string | null) => {
    const found = row.scenario.versions.find((candidate) => candidate.id === id);
    return found ? versionRef(found) : null;
  };
  const last = row.points[0];
  return {
    id: row.id,
    scenario: { id: row.scenario.id, name: row.scenario.name },
    edge: row.edge,
    status: row.status,
    reason: row.reason,
    parent: version(row.parentVersionId),
    candidate: version(row.candidateVersionId),
    tracks: row.tracks,
    triplets: row.triplets,
    steps: row.steps,
    queuedAt: row.queuedAt.getTime(),
    startedAt: toMsOrNull(row.startedAt),
    endedAt: toMsOrNull(row.endedAt),
    verdict: verdictOf(row),
    error: row.error,
    lastLoss: last?.loss ?? null,
    lastActiveShare: last?.activeShare ?? null,
  };
}

export interface RunQuery {
  readonly cursor?: string | null | undefined;
  readonly limit: number;
  readonly scenarioId?: string | undefined;
  readonly status?: (typeof runStatuses)[number] | undefined;
}

export async function listRuns({ prisma }: ServiceContext, { cursor, limit, scenarioId, status }: RunQuery) {
  const after = decodeCursor(cursor);
  const rows = await prisma.trainingRun.findMany({
    where: {
      ...(scenarioId && { scenarioId }),
      ...(status && { status }),
      ...(after && { OR: [{ queuedAt: { lt: after.time } }, { queuedAt: after.time, id: { lt: after.id } }] }),
    },
    include,
    orderBy: [{ queuedAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, limit, (row) => ({ time: row.queuedAt, id: row.id }));
  return { items: items.map(toView), nextCursor };
}

export async function getRun({ prisma }: ServiceContext, { id }: { id: string }): Promise<RunDetailView> {
  const row = await prisma.trainingRun.findUnique({ where: { id }, include });
  if (!row) throw notFound('training run');
  const [points, triplets] = await Promise.all([
    prisma.lossPoint.findMany({ where: { runId: id }, orderBy: { step: 'asc' } }),
    prisma.tripletExample.findMany({ where: { runId: id }, orderBy: { position: 'asc' } }),
  ]);
  return {
    ...toView(row),
    points: points.map(({ runId, time, ...point }) => ({ ...point, time: time.getTime() })),
    tripletExamples: triplets.map(({ id, positiveDistance, negativeDistance }) => ({
      id,
      anchorUrl: `/api/triplets/${id}/anchor`,
      positiveUrl: `/api/triplets/${id}/positive`,
      negativeUrl: `/api/triplets/${id}/negative`,
      positiveDistance,
      negativeDistance,
    })),
  };
}

/** Orders every edge with a camera of the scenario to train on what it has. */
export function trainNow(ctx: ServiceContext, { scenarioId }: { scenarioId: string }) {
  return audited(ctx, async (tx) => {
    if (!(await tx.scenario.findUnique({ where: { id: scenarioId } }))) throw notFound('scenario');
    const edges = await tx.edgeServer.findMany({
      where: { cameras: { some: { scenarioId, deletedAt: null } } },
      select: { id: true },
    });
    if (edges.length === 0)
      throw new SafaceError('conflict', 'No edge serves a camera of this scenario', 'Give a camera an edge first.');
    const command: EdgeCommand = { kind: 'train-now', scenarioId };
    await tx.command.createMany({
      data: edges.map(({ id }) => ({ edgeServerId: id, command, createdByName: ctx.actor.name })),
    });
    return {
      value: { commands: edges.length },
      record: { action: 'training.now', subjectKind: 'scenario', subjectId: scenarioId, data: {} },
    };
  });
}

type RunOrder = 'pause-run' | 'resume-run' | 'cancel-run';
const allowedFrom: Record<RunOrder, readonly RunView['status'][]> = {
  'pause-run': ['queued', 'running'],
  'resume-run': ['paused'],
  'cancel-run': ['queued', 'running', 'paused'],
};

const orderRun =
  (kind: RunOrder) =>
  (ctx: ServiceContext, { runId }: { runId: string }) =>
    audited(ctx, async (tx) => {
      const run = await tx.trainingRun.findUnique({ where: { id: runId } });
      if (!run) throw notFound('training run');
      if (!allowedFrom[kind].includes(run.status))
        throw new SafaceError('conflict', `The run is ${run.status}`, 'Reload the page to see where it stands.');
      const { edgeServerId } = run;
      if (edgeServerId === null) throw notFound('edge server');
      const command: EdgeCommand = { kind, runId };
      const { id } = await tx.command.create({
        data: { edgeServerId, command, createdByName: ctx.actor.name },
      });
      return {
        value: { commandId: id },
        record: { action: `training.${kind}`, subjectKind: 'run', subjectId: runId, data: {} },
      };
    });

export const pauseRun = orderRun('pause-run');
export const resumeRun = orderRun('resume-run');
export const cancelRun = orderRun('cancel-run');
