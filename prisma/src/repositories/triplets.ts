import type { Db, Prisma } from '../client.ts';

/** Deletes examples of triplets. Their files are to be released after the commit, as others may show the same picture. */
export async function deleteTriplets(
  db: Db,
  where: Prisma.TripletExampleWhereInput,
): Promise<{ count: number; files: string[] }> {
  const rows = await db.tripletExample.findMany({ where });
  const { count } = await db.tripletExample.deleteMany({ where });
  return { count, files: rows.flatMap((row) => [row.anchorSha256, row.positiveSha256, row.negativeSha256]) };
}
