import { SafaceError, type TrainingRunReport, type TripletPictures } from '@saface/core';
import { Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import type { ItemContext } from './push.ts';
import { requireScenario } from './push-scope.ts';

const dateOrNull = (time: number | null) => (time === null ? null : new Date(time));

/** Ended without a version. It shows nobody any more: it may have been ended because somebody was erased while its examples waited. */
const endedInVain = ({ status }: { status: string }): boolean => status === 'cancelled' || status === 'failed';

export async function storeTrainingRun(
  { tx, scope, release }: ItemContext,
  edgeServerId: string,
  { points, verdict, ...run }: TrainingRunReport,
): Promise<void> {
  requireScenario(scope, run.scenarioId);
  const old = await tx.trainingRun.findUnique({ where: { id: run.id } });
  if (old && old.edgeServerId !== edgeServerId)
    throw new SafaceError('conflict', `Run ${run.id} belongs to another edge`, 'The report is dropped.');
  const data = {
    ...run,
    edgeServerId,
    queuedAt: new Date(run.queuedAt),
    startedAt: dateOrNull(run.startedAt),
    endedAt: dateOrNull(run.endedAt),
    verdict: verdict ?? Prisma.DbNull,
  };
  await tx.trainingRun.upsert({ where: { id: run.id }, create: data, update: data });
  await tx.lossPoint.createMany({
    data: points.map(({ time, ...point }) => ({ ...point, runId: run.id, time: new Date(time) })),
    skipDuplicates: true,
  });
  if (endedInVain(run)) release.push(...(await deleteTriplets(tx, { runId: run.id })).files);
}

/** The newest set of examples replaces the one before. What comes after the end of its run is dropped. */
export async function storeTripletPictures(
  { deps, tx, scope, release }: ItemContext,
  { runId, triplets }: TripletPictures,
): Promise<void> {
  const run = await tx.trainingRun.findFirst({ where: { id: runId, edgeServerId: scope.edgeId ?? '' } });
  if (!run) throw new SafaceError('not-found', `There is no run ${runId} of this edge`, 'The pictures are dropped.');
  release.push(...(await deleteTriplets(tx, { runId })).files);
  if (endedInVain(run)) return;
  const put = async (jpeg: string) => (await deps.artifacts.put(tx, Buffer.from(jpeg, 'base64'))).sha256;
  for (const [position, { anchor, positive, negative, ...distances }] of triplets.entries())
    await tx.tripletExample.create({
      data: {
        runId,
        position,
        ...distances,
        anchorSha256: await put(anchor),
        positiveSha256: await put(positive),
        negativeSha256: await put(negative),
      },
    });
}
