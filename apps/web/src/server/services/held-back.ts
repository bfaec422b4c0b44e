import type { Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';

/** Versions that never served and are kept to look at, per scenario: each is a learner on disk, and months of nights make many. */
const MOST_HELD_BACK = 10;

/**
 * Deletes all but the newest versions that never served, have no alias and nothing descends from, with the pictures of their runs, which
 * nothing would say any more whom they show: those that their gate held back, that lost in the champion's shadow, or that came late. The
 * runs keep the verdict. Their files are to be released after the commit.
 */
export async function forgetHeldBack(tx: Prisma.TransactionClient, scenarioId: string): Promise<(string | null)[]> {
  const served = await tx.deployment.findMany({
    where: { scenarioId },
    select: { toVersionId: true },
    distinct: ['toVersionId'],
  });
  const surplus = await tx.modelVersion.findMany({
    where: {
      scenarioId,
      id: { notIn: served.map(({ toVersionId }) => toVersionId) },
      learnerSha256: { not: null },
      aliases: { none: {} },
      children: { none: {} },
    },
    orderBy: { number: 'desc' },
    // The newest is the candidate, and so not among these.
    skip: MOST_HELD_BACK - 1,
    select: { id: true, runId: true, learnerSha256: true },
  });
  const runIds = surplus.flatMap(({ runId }) => runId ?? []);
  const { files } = await deleteTriplets(tx, { runId: { in: runIds } });
  await tx.modelVersion.deleteMany({ where: { id: { in: surplus.map(({ id }) => id) } } });
  return [...files, ...surplus.map(({ learnerSha256 }) => learnerSha256)];
}
