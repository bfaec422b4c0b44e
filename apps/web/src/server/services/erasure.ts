import { type EdgeCommand, edgeCommandSchema } from '@saface/core';
import type { Db, Prisma, PrismaClient } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { versionLabel, versionsThatLearntFrom } from '@saface/db/repositories/versions';
import type { ReceiptView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { recorded } from './audited.ts';
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
  const orders = await unfinishedOrders(prisma);
  return receipts.map(({ edgesNotified, versionIds, retiredVersionIds, requestedByName, erasedAt, ...receipt }) => ({
    ...receipt,
    erasedAt: erasedAt.getTime(),
    requestedBy: requestedByName,
    edgesTold: edgesNotified.length,
    edgesNotified: edges.filter((edge) => edgesNotified.includes(edge.id)),
    edgesWaiting: edges.filter((edge) =>
      orders.some((order) => order.edgeServerId === edge.id && order.identityId === receipt.identityId),
    ),
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

/** Orders to forget somebody that an edge has not yet carried out, or not yet said so. */
async function unfinishedOrders(
  db: Db,
  where: Prisma.CommandWhereInput = {},
): Promise<{ edgeServerId: string; identityId: string }[]> {
  const kind: EdgeCommand['kind'] = 'forget-identity';
  const open = await db.command.findMany({
    where: { ...where, acknowledgedAt: null, command: { path: ['kind'], equals: kind } },
    select: { edgeServerId: true, command: true },
  });
  return open.flatMap(({ edgeServerId, command }) => {
    const { data } = edgeCommandSchema.safeParse(command);
    return data?.kind === kind ? [{ edgeServerId, identityId: data.identityId }] : [];
  });
}

/** Whom an edge has been told to forget and has not said that it has. */
export async function unfinishedErasures(db: Db, edgeServerId: string): Promise<string[]> {
  return (await unfinishedOrders(db, { edgeServerId })).map(({ identityId }) => identityId);
}

export async function listReceipts({ prisma }: ServiceContext): Promise<ReceiptView[]> {
  return toViews(prisma, await prisma.erasureReceipt.findMany({ orderBy: { erasedAt: 'desc' }, take: 500 }));
}

/**
 * Removes a person everywhere: pictures, crops and templates here, the link and the crop of every event, the triplet
 * pictures of runs that learnt from them or may have, and by order what the edges keep. What was learnt cannot be unlearnt;
 * the receipt names the versions that took part and those that grew out of them, and on request they are retired.
 */
export async function eraseIdentity(
  ctx: ServiceContext,
  { id, reason, retireVersions }: { id: string; reason: string; retireVersions: boolean },
): Promise<ReceiptView> {
  const { receipt, files } = await recorded(
    ctx,
    async (tx) => {
      // Events that name this person are stored either before, and found below, or after, and without the link.
      await tx.$executeRaw`SELECT 1 FROM "Identity" WHERE "id" = ${id} FOR UPDATE`;
      const identity = await tx.identity.findUnique({
        where: { id },
        include: { images: { include: { crops: true } } },
      });
      if (!identity) throw notFound('identity');
      // So are versions that grow out of theirs. In the order in which the person comes first, as in a push.
      await tx.$executeRaw`SELECT 1 FROM "Scenario" ORDER BY "id" FOR UPDATE`;
      const crops = identity.images.flatMap((image) => image.crops);
      const seen = {
        OR: [{ identityId: id }, { runnerUpIdentityId: id }, { reviewedIdentityId: id }],
      } satisfies Prisma.EventWhereInput;
      const events = await tx.event.findMany({
        where: seen,
        select: { id: true, cropSha256: true, identityId: true, reviewedIdentityId: true, scenarioId: true },
      });
      const theirs = events.filter((event) => event.identityId === id || event.reviewedIdentityId === id);
      await tx.event.updateMany({
        where: { id: { in: theirs.map((event) => event.id) } },
        data: { cropSha256: null, cropErased: true },
      });
      const learnt = await versionsThatLearntFrom(tx, id);
      const triplets = await deleteTriplets(tx, {
        OR: [
          { runId: { in: learnt.flatMap(({ runId }) => runId ?? []) } },
          await withoutVersion(tx, { identityId: id, seenIn: events.map(({ scenarioId }) => scenarioId) }),
        ],
      });

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
      const retiring = retireVersions ? learnt.filter(({ retiredAt }) => retiredAt === null) : [];
      // Parents come first, so that a champion's heir is not retired a moment later.
      for (const { id: versionId } of retiring)
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
          triplets: triplets.count,
          edgesNotified: edges.map((edge) => edge.id),
          versionIds: learnt.map((version) => version.id),
          retiredVersionIds: retiring.map((version) => version.id),
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
        ...triplets.files,
      ];
      return { receipt, files };
    },
    { timeout: 60_000 },
  );
  // After the commit: a crash between the two leaves files that no row names, which the retention job sweeps.
  await ctx.artifacts.release(ctx.prisma, files);
  return (await toViews(ctx.prisma, [receipt]))[0];
}

/**
 * Examples of runs that nothing says whom they learnt from, as no version came of them (yet, or it was forgotten): of every
 * scenario that watched for this person or saw them.
 */
async function withoutVersion(
  tx: Prisma.TransactionClient,
  { identityId, seenIn }: { identityId: string; seenIn: string[] },
): Promise<Prisma.TripletExampleWhereInput> {
  const scenario = {
    OR: [
      { id: { in: [...new Set(seenIn)] } },
      { galleries: { some: { gallery: { identities: { some: { identityId } } } } } },
    ],
  } satisfies Prisma.ScenarioWhereInput;
  const versions = await tx.modelVersion.findMany({ where: { scenario }, select: { runId: true } });
  return { run: { scenario }, runId: { notIn: versions.flatMap(({ runId }) => runId ?? []) } };
}
