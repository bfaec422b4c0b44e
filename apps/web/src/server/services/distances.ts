import { distancesOf } from '@saface/db/repositories/events';
import type { DistancesView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';

/** More would be of cameras and people that were there long ago. */
const MOST_TRACKS = 1000;

/** How far enrolled people were from the newest tracks of a version, for whoever chooses a threshold. */
export async function getDistances(
  { prisma }: ServiceContext,
  { versionId }: { versionId: string },
): Promise<DistancesView> {
  const version = await prisma.modelVersion.findUnique({ where: { id: versionId }, select: { id: true } });
  if (!version) throw notFound('version');
  const found = await distancesOf(prisma, versionId, MOST_TRACKS);
  return {
    tracks: found.map(({ nearest, second }) => ({ nearest, second })),
    since: found.at(-1)?.at.getTime() ?? null,
  };
}
