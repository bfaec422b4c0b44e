import type { PrismaClient } from '../client.ts';

/** What is seeded and can be deleted, as the audit log calls it. */
const kinds = ['site', 'edge', 'gallery', 'scenario', 'camera'];

/** Those of some ids that somebody has deleted since they were seeded: the audit log never forgets it. */
export async function deletedOf(prisma: PrismaClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const entries = await prisma.auditEntry.findMany({
    where: {
      subjectKind: { in: kinds },
      subjectId: { in: [...ids] },
      action: { in: kinds.map((kind) => `${kind}.delete`) },
    },
    select: { subjectId: true },
  });
  return new Set(entries.map(({ subjectId }) => subjectId));
}

interface Table<Data> {
  findUnique(query: { where: { id: string } }): PromiseLike<object | null>;
  create(query: { data: Data & { id: string } }): PromiseLike<object>;
}

/** Adds a row that is missing, unless it was deleted; what is there stays as it is. Returns whether it is there. */
export async function ensure<Data>(
  table: Table<Data>,
  { id, data, deleted }: { id: string; data: Data; deleted: ReadonlySet<string> },
): Promise<boolean> {
  if (await table.findUnique({ where: { id } })) return true;
  if (deleted.has(id)) return false;
  await table.create({ data: { ...data, id } });
  return true;
}
