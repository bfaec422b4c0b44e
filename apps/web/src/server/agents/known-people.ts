import type { Prisma } from '@saface/db';

/**
 * Those of the people who are enrolled. They stay so until the commit: an erasure under way is waited for, and one that follows finds
 * what was stored of them. An item calls it before it takes any other lock, as an erasure begins with the person, too; where a batch
 * still comes to hold what an erasure waits for, the database ends one of the two, and an outbox sends again.
 */
export async function knownPeople(
  tx: Prisma.TransactionClient,
  ids: readonly (string | null)[],
): Promise<ReadonlySet<string>> {
  const people = ids.filter((id) => id !== null);
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Identity" WHERE "id" = ANY(${people}) ORDER BY "id" FOR KEY SHARE`;
  return new Set(rows.map(({ id }) => id));
}
