import type { Db, Prisma } from '../client.ts';

const ref = { select: { id: true, name: true } } as const;
const rowInclude = {
  galleries: { select: { gallery: ref }, orderBy: { gallery: { name: 'asc' } } },
  images: { orderBy: { createdAt: 'asc' } },
  events: { select: { lastSeen: true }, orderBy: { lastSeen: 'desc' }, take: 1 },
} satisfies Prisma.IdentityInclude;
type IdentityRow = Prisma.IdentityGetPayload<{ include: typeof rowInclude }>;

const toIdentity = ({ galleries, events, images, ...row }: IdentityRow) => ({
  ...row,
  galleries: galleries.map(({ gallery }) => gallery),
  images,
  lastSeenAt: events[0]?.lastSeen ?? null,
});
export type StoredIdentity = ReturnType<typeof toIdentity>;

export interface IdentityQuery {
  readonly search?: string | undefined;
  readonly galleryId?: string | undefined;
}

const whereOf = ({ search, galleryId }: IdentityQuery): Prisma.IdentityWhereInput => ({
  ...(search?.trim() && { name: { contains: search.trim(), mode: 'insensitive' } }),
  ...(galleryId && { galleries: { some: { galleryId } } }),
});

/** Newest first, from after `place`. */
export async function findIdentities(
  db: Db,
  query: IdentityQuery,
  { after, take }: { after: { time: Date; id: string } | null; take: number },
): Promise<{ rows: StoredIdentity[]; total: number }> {
  const where = whereOf(query);
  const rows = await db.identity.findMany({
    where: {
      AND: [
        where,
        after ? { OR: [{ createdAt: { lt: after.time } }, { createdAt: after.time, id: { lt: after.id } }] } : {},
      ],
    },
    include: rowInclude,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take,
  });
  return { rows: rows.map(toIdentity), total: await db.identity.count({ where }) };
}

export async function findIdentity(db: Db, id: string): Promise<StoredIdentity | null> {
  const row = await db.identity.findUnique({ where: { id }, include: rowInclude });
  return row && toIdentity(row);
}

/** Names of those of `ids` that still exist. */
export async function identityNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.identity.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
