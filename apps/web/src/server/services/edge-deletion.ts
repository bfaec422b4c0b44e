import { SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { plural } from '../../lib/format.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { unfinishedErasures } from './erasure.ts';

/**
 * Takes an edge that is out of service off the fleet, with its agents, their logs, its tokens and the orders that waited for it. Its
 * training runs stay: the versions that came of them serve on. Nobody can tell the machine anything any more, so receipts of erasures that
 * it has not carried out say that it was lost.
 */
export async function deleteEdge(ctx: ServiceContext, { id }: { id: string }) {
  const files = await audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "EdgeServer" WHERE "id" = ${id} FOR UPDATE`;
    const edge = await tx.edgeServer.findUnique({
      where: { id },
      include: { agents: true, _count: { select: { cameras: { where: { deletedAt: null } } } } },
    });
    if (!edge) throw notFound('edge server');
    const { name, siteId, agents } = edge;
    const serving = agents.find(({ status }) => status !== 'revoked');
    if (serving)
      throw new SafaceError(
        'conflict',
        serving.status === 'accepted' ? `${name} is in service` : `An agent waits to be accepted as ${name}`,
        'Revoke its agent first, and stop it on its machine.',
      );
    if (edge._count.cameras > 0)
      throw new SafaceError(
        'conflict',
        `${plural(edge._count.cameras, 'camera')} still ${edge._count.cameras === 1 ? 'sends' : 'send'} to ${name}`,
        'Give each another edge, or none, under Fleet.',
      );
    const unfinished = agents.some(({ acceptedAt }) => acceptedAt !== null) ? await unfinishedErasures(tx, id) : [];
    await tx.erasureReceipt.updateMany({
      where: { identityId: { in: unfinished } },
      data: { edgesLost: { push: name } },
    });
    const examples = await endRuns(tx, edge);
    await tx.edgeServer.delete({ where: { id } });
    const data = { name, siteId, unfinishedErasures: unfinished.length };
    return { value: examples, record: { action: 'edge.delete', subjectKind: 'edge', subjectId: id, data } };
  });
  await ctx.artifacts.release(ctx.prisma, files);
  return { id };
}

/** Nobody will report of its runs again. Those that were under way end without a version, and so show nobody any more. */
async function endRuns(tx: Prisma.TransactionClient, edge: { id: string; name: string }): Promise<string[]> {
  const open = {
    edgeServerId: edge.id,
    status: { in: ['queued', 'running', 'paused'] },
  } satisfies Prisma.TrainingRunWhereInput;
  const { files } = await deleteTriplets(tx, { run: open });
  await tx.trainingRun.updateMany({
    where: open,
    data: { status: 'cancelled', endedAt: new Date(), error: `The edge ${edge.name} was deleted before the run ended` },
  });
  return files;
}
