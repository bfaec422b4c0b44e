import type { EdgeConfig } from '@saface/core';
import type { Db, Prisma } from '@saface/db';

type People = EdgeConfig['identities'];

export interface PeopleAsked {
  readonly galleryIds: readonly string[];
  /** Whose crops are wanted. */
  readonly baseModelIds: readonly string[];
}

interface Kept {
  readonly people: People;
  /** Of the `PeopleMark`, read before the people were; null = there was none yet. */
  readonly mark: string | null;
  /** When the next consent runs out, which no trigger sees; null = none will. */
  readonly until: Date | null;
}

/** Lists kept at most; edges with the same galleries share one. */
const MOST_LISTS = 32;

const keptOf = new WeakMap<Db, Map<string, Kept>>();

/** People whose consent has not run out. */
export const consenting = () =>
  ({
    OR: [{ consentExpiresAt: null }, { consentExpiresAt: { gt: new Date() } }],
  }) satisfies Prisma.IdentityWhereInput;

/**
 * People with at least one usable crop for a base model of an edge, whose consent has not run out; the same list, in the same place of
 * memory, until one of them changes or a consent runs out.
 */
export async function peopleOf(db: Db, asked: PeopleAsked): Promise<People> {
  // Before the people: what is committed in between is in the list already, and read once more next time.
  const mark = (await db.peopleMark.findFirst())?.mark ?? null;
  const lists = keptOf.get(db) ?? new Map<string, Kept>();
  keptOf.set(db, lists);
  // Nor does anybody who was erased stay in a list that is never asked for again.
  for (const [of, kept] of lists) if (kept.mark !== mark) lists.delete(of);
  const key = JSON.stringify([asked.galleryIds.toSorted(), asked.baseModelIds.toSorted()]);
  const kept = lists.get(key);
  if (kept && (kept.until === null || kept.until > new Date())) return kept.people;
  const read = await readPeople(db, asked);
  lists.delete(key);
  lists.set(key, { ...read, mark });
  // In order of insertion: the first has not been read for the longest.
  const [oldest] = lists.keys();
  if (lists.size > MOST_LISTS && oldest !== undefined) lists.delete(oldest);
  return read.people;
}

async function readPeople(db: Db, { galleryIds, baseModelIds }: PeopleAsked): Promise<Omit<Kept, 'mark'>> {
  const usable = { baseModelId: { in: [...baseModelIds] }, cropSha256: { not: null } };
  const wanted = { galleryId: { in: [...galleryIds] } };
  const rows = await db.identity.findMany({
    where: {
      galleries: { some: wanted },
      images: { some: { status: 'accepted', crops: { some: usable } } },
      ...consenting(),
    },
    select: {
      id: true,
      name: true,
      consentExpiresAt: true,
      galleries: { where: wanted, select: { galleryId: true }, orderBy: { galleryId: 'asc' } },
      images: {
        where: { status: 'accepted' },
        select: {
          crops: {
            where: usable,
            select: { baseModelId: true, crop: { select: { sha256: true, bytes: true } } },
            orderBy: { baseModelId: 'asc' },
          },
        },
        orderBy: { id: 'asc' },
      },
    },
    orderBy: { id: 'asc' },
  });
  const until = rows.reduce<Date | null>(
    (first, { consentExpiresAt: at }) => (at && (first === null || at < first) ? at : first),
    null,
  );
  const people = rows.map(({ id, name, galleries, images }) => ({
    id,
    name,
    galleryIds: galleries.map(({ galleryId }) => galleryId),
    crops: images.flatMap(({ crops }) =>
      crops.flatMap(({ baseModelId, crop }) => (crop ? { ...crop, baseModelId } : [])),
    ),
  }));
  return { people, until };
}
