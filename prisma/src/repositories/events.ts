import { boxSchema } from '@saface/core';
import type { Db, Prisma } from '../client.ts';
import { versionRef } from './versions.ts';

const ref = { select: { id: true, name: true } } as const;
const include = {
  camera: { select: { id: true, name: true, site: ref } },
  scenario: ref,
  version: { select: { id: true, number: true } },
  identity: ref,
  runnerUp: ref,
  reviewedIdentity: ref,
} satisfies Prisma.EventInclude;
type EventRow = Prisma.EventGetPayload<{ include: typeof include }>;

const toEvent = ({ camera, version, box, ...row }: EventRow) => ({
  ...row,
  camera: { id: camera.id, name: camera.name },
  site: camera.site,
  version: versionRef(version),
  box: boxSchema.parse(box),
});
export type StoredEvent = ReturnType<typeof toEvent>;

export interface EventQuery {
  readonly siteId?: string | undefined;
  readonly cameraId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly identityId?: string | undefined;
  readonly decision?: 'recognised' | 'unknown' | undefined;
  readonly versionId?: string | undefined;
  readonly review?: 'none' | 'confirmed' | 'rejected' | 'assigned' | undefined;
  /** Unix epoch ms, on the first sighting. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly minDistance?: number | undefined;
  readonly maxDistance?: number | undefined;
}

function whereOf({ from, to, minDistance, maxDistance, identityId, ...equal }: EventQuery): Prisma.EventWhereInput {
  const set = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined));
  return {
    ...set,
    ...(identityId && { OR: [{ identityId, review: { not: 'rejected' } }, { reviewedIdentityId: identityId }] }),
    ...((from !== undefined || to !== undefined) && {
      firstSeen: { ...(from !== undefined && { gte: new Date(from) }), ...(to !== undefined && { lt: new Date(to) }) },
    }),
    ...((minDistance !== undefined || maxDistance !== undefined) && {
      distance: {
        ...(minDistance !== undefined && { gte: minDistance }),
        ...(maxDistance !== undefined && { lte: maxDistance }),
      },
    }),
  };
}

/** Newest first, from after `place`. */
export async function findEvents(
  db: Db,
  query: EventQuery,
  { after, take }: { after: { time: Date; id: string } | null; take: number },
): Promise<StoredEvent[]> {
  const rows = await db.event.findMany({
    where: {
      AND: [
        whereOf(query),
        after ? { OR: [{ firstSeen: { lt: after.time } }, { firstSeen: after.time, id: { lt: after.id } }] } : {},
      ],
    },
    include,
    orderBy: [{ firstSeen: 'desc' }, { id: 'desc' }],
    take,
  });
  return rows.map(toEvent);
}

export async function findEvent(db: Db, id: string): Promise<StoredEvent | null> {
  const row = await db.event.findUnique({ where: { id }, include });
  return row && toEvent(row);
}

/** How far the nearest of the enrolled was from the newest tracks that a version decided, and the second (null = there was none); newest first. */
export async function distancesOf(
  db: Db,
  versionId: string,
  take: number,
): Promise<{ nearest: number; second: number | null; at: Date }[]> {
  const rows = await db.event.findMany({
    where: { versionId, ended: true, distance: { not: null } },
    select: { distance: true, secondDistance: true, firstSeen: true },
    orderBy: { firstSeen: 'desc' },
    take,
  });
  return rows.flatMap(({ distance, secondDistance, firstSeen }) =>
    distance === null ? [] : [{ nearest: distance, second: secondDistance, at: firstSeen }],
  );
}

/** How many events each of these versions decided. */
export async function countByVersion(db: Db, versionIds: string[]): Promise<Map<string, number>> {
  const groups = await db.event.groupBy({
    by: ['versionId'],
    where: { versionId: { in: versionIds } },
    _count: true,
  });
  return new Map(groups.map((group) => [group.versionId, group._count]));
}

/** Recognised tracks per camera since `since`. */
export async function countMatched(db: Db, cameraIds: string[], since: Date): Promise<Map<string, number>> {
  const groups = await db.event.groupBy({
    by: ['cameraId'],
    where: { cameraId: { in: cameraIds }, decision: 'recognised', lastSeen: { gte: since } },
    _count: true,
  });
  return new Map(groups.map((group) => [group.cameraId, group._count]));
}
