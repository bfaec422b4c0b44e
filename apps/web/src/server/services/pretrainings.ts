import { type PretrainingSettings, pretrainingSettingsSchema, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import type { PretrainingDetailView, PretrainingView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { announce } from '../jobs/announce.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { datasetFolder, listDatasetFolders } from './dataset-folders.ts';
import { toMsOrNull } from './time.ts';

const toView = (row: Prisma.PretrainingGetPayload<object>): PretrainingView => ({
  id: row.id,
  name: row.name,
  folder: row.folder,
  settings: pretrainingSettingsSchema.parse(row.settings),
  status: row.status,
  note: row.note,
  step: row.step,
  steps: row.steps,
  epoch: row.epoch,
  picturesPerSecond: row.picturesPerSecond,
  error: row.error,
  baseModelId: row.baseModelId,
  requestedBy: row.requestedByName,
  createdAt: row.createdAt.getTime(),
  startedAt: toMsOrNull(row.startedAt),
  endedAt: toMsOrNull(row.endedAt),
});

/** Newest first, and the folders that a new one could learn from. */
export async function listPretrainings({ prisma, datasetsDir }: ServiceContext) {
  const rows = await prisma.pretraining.findMany({ orderBy: { createdAt: 'desc' }, take: 100 });
  return { items: rows.map(toView), folders: await listDatasetFolders(datasetsDir), root: datasetsDir };
}

export async function getPretraining(
  { prisma }: ServiceContext,
  { id }: { id: string },
): Promise<PretrainingDetailView> {
  const row = await prisma.pretraining.findUnique({
    where: { id },
    include: { points: { orderBy: { step: 'asc' } } },
  });
  if (!row) throw notFound('pre-training');
  const points = row.points.map(({ step, time, loss, heldOut }) => ({ step, time: time.getTime(), loss, heldOut }));
  return { ...toView(row), points, skipped: row.skipped };
}

/** Queues a pre-training; the worker runs one at a time. */
export async function startPretraining(
  ctx: ServiceContext,
  { name, folder, settings }: { name: string; folder: string; settings: PretrainingSettings },
) {
  await datasetFolder(ctx.datasetsDir, folder);
  const id = await audited(ctx, async (tx) => {
    if (await tx.baseModel.findUnique({ where: { name } }))
      throw new SafaceError('conflict', `There is a base model named ${name} already`, 'Choose another name.');
    const row = await tx.pretraining.create({ data: { name, folder, settings, requestedByName: ctx.actor.name } });
    const data = { name, folder, ...settings };
    return {
      value: row.id,
      record: { action: 'pretraining.start', subjectKind: 'pretraining', subjectId: row.id, data },
    };
  });
  await announce<'pretraining'>(ctx.pretrainingQueue, { id, payload: { pretrainingId: id }, log: ctx.log });
  return { id };
}

/** The worker sees it within seconds; the checkpoint is thrown away. */
export function cancelPretraining(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.pretraining.updateMany({
      where: { id, status: { in: ['queued', 'running'] } },
      data: { status: 'cancelled', note: `Cancelled by ${ctx.actor.name}`, endedAt: new Date() },
    });
    if (count === 0) throw notFound('pre-training that could be cancelled');
    return {
      value: { id },
      record: { action: 'pretraining.cancel', subjectKind: 'pretraining', subjectId: id, data: {} },
    };
  });
}
