import type { EdgeCommand } from '@saface/core';
import type { Prisma, PrismaClient } from '@saface/db';
import { versionLabel } from '@saface/db/repositories/versions';
import type { ReceiptView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { retire } from './retirement.ts';

type Receipt = Prisma.ErasureReceiptGetPayload<object>;

async function toViews(prisma: PrismaClient, receipts: readonly Receipt[]): Promise<ReceiptView[]> {
  const versions = await prisma.modelVersion.findMany({
    where: { id: { in: receipts.flatMap((receipt) => receipt.versionIds) } },
    select: { id: true, number: true, scenario: { select: { name: true } } },
  });
  const edges = await prisma.edgeServer.findMany({
    where: { id: { in: receipts.flatMap((receipt) => receipt.edgesNotified) } },
    select: { id: true, name: true },
  });
  return receipts.map(({ edgesNotified, versionIds, retiredVersionIds, requestedByName, erasedAt, ...receipt }) => ({
    ...receipt,
    erasedAt: erasedAt.getTime(),
    requestedBy: requestedByName,
    edgesNotified: edges.filter((edge) => edgesNotified.includes(edge.id)),
    versions: versions
      .filter((version) => versionIds.includes(version.id))
      .map(({ id, number, scenario }) => ({
        id,
        label: versionLabel(number),
        scenarioName: scenario.name,
        retired: retiredVersionIds.includes(id),
      })),
  }));
}

export async function listReceipts({ prisma }: ServiceContext): Promise<ReceiptView[]> {
  return toViews(prisma, await prisma.erasureReceipt.findMany({ orderBy: { erasedAt: 'desc' }, take: 500 }));
}

/**
 * Removes a person everywhere: pictures, crops and templates here, the link and the crop of every event, the triplet
 * pictures of runs that learnt from them, and by order what the edges keep. What was learnt cannot be unlearnt; the
 * receipt names the versions that took part, and on request they are retired.
 */
export async function eraseIdentity(
  ctx: ServiceContext,
  { id, reason, retireVersions }: { id: string; reason: string; retireVersions: boolean },
): Promise<ReceiptView> {
  const { receipt, files } = await ctx.prisma.$transaction(
    async (tx) => {
      const identity = await tx.identity.findUnique({
        where: { id },
        include: { images: { include: { crops: true } } },
      });
      if (!identity) throw notFound('identity');
      const crops = identity.images.flatMap((image) => image.crops);
      const seen = {
        OR: [{ identityId: id }, { runnerUpIdentityId: id }, { reviewedIdentityId: id }],
      } satisfies Prisma.EventWhereInput;
      const events = await tx.event.findMany({
        where: seen,
        select: { id: true, cropSha256: true, identityId: true, reviewedIdentityId: true },
      });
      const theirs = events.filter((event) => event.identityId === id || event.reviewedIdentityId === id);
      await tx.event.updateMany({
        where: { id: { in: theirs.map((event) => event.id) } },
        data: { cropSha256: null },
      });
      const learnt = await tx.versionIdentity.findMany({
        where: { identityId: id },
        include: { version: { select: { runId: true, number: true, retiredAt: true } } },
      });
      const runIds = learnt.flatMap(({ version }) => version.runId ?? []);
      const triplets = await tx.tripletExample.findMany({ where: { runId: { in: runIds } } });
      await tx.tripletExample.deleteMany({ where: { runId: { in: runIds } } });

      const edges = await tx.edgeServer.findMany({ select: { id: true } });
      const command: EdgeCommand = { kind: 'forget-identity', identityId: id };
      await tx.command.createMany({
        data: edges.map((edge) => ({ edgeServerId: edge.id, command, createdByName: ctx.actor.name })),
      });
      // Cascades to pictures and gallery memberships; events keep their row without the link.
      await tx.identity.delete({ where: { id } });
      await tx.enrolmentImage.updateMany({
        where: { duplicateOfIdentityId: id },
        data: { duplicateOfIdentityId: null },
      });
      const retiring = retireVersions ? learnt.filter(({ version }) => version.retiredAt === null) : [];
      // Parents first, so that a champion's heir is not retired a moment later.
      for (const { versionId } of [...retiring].sort((a, b) => a.version.number - b.version.number))
        await retire(tx, ctx.actor, { versionId, reason: 'Somebody it learnt from was erased' });
      const receipt = await tx.erasureReceipt.create({
        data: {
          identityId: id,
          requestedByName: ctx.actor.name,
          reason,
          pictures: identity.images.filter((image) => image.pictureSha256).length,
          crops: new Set([...identity.images, ...crops].flatMap(({ cropSha256 }) => cropSha256 ?? [])).size,
          templates: crops.filter(({ templateSealed }) => templateSealed).length,
          events: events.length,
          triplets: triplets.length,
          edgesNotified: edges.map((edge) => edge.id),
          versionIds: learnt.map((row) => row.versionId),
          retiredVersionIds: retiring.map((row) => row.versionId),
        },
      });
      const { id: receiptId, erasedAt: _, ...figures } = receipt;
      await recordAudit(tx, ctx.actor, {
        action: 'identity.erase',
        subjectKind: 'identity',
        subjectId: id,
        data: { ...figures, receiptId },
      });
      const files = [
        ...identity.images.flatMap((image) => [image.pictureSha256, image.cropSha256]),
        ...crops.map(({ cropSha256 }) => cropSha256),
        ...theirs.map((event) => event.cropSha256),
        ...triplets.flatMap((triplet) => [triplet.anchorSha256, triplet.positiveSha256, triplet.negativeSha256]),
      ];
      return { receipt, files };
    },
    { timeout: 60_000 },
  );
  // After the commit: a crash between the two leaves files that no row names, which the retention job sweeps.
  await ctx.artifacts.release(ctx.prisma, files);
  return (await toViews(ctx.prisma, [receipt]))[0];
}
