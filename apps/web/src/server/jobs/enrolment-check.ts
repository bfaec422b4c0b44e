import { unseal } from '@saface/agent-kit/sealed-file';
import { embeddingDistance, SafaceError } from '@saface/core';
import { checkEnrolmentPicture, encodePng } from '@saface/engine';
import { consenting } from '../agents/edge-people.ts';
import type { Deps } from '../deps.ts';
import { addCrop, floatsOf, saveCrop, type ToolsFor } from './enrolment-crops.ts';
import type { FaceTools } from './face-tools.ts';
import type { JobHandler } from './registry.ts';

/** Same face under two identities: nearer than a clear match, so that look-alikes are not flagged all the time. */
const DUPLICATE_SHARE = 0.8;

const words = {
  'no-face': 'No face was found',
  'several-faces': 'More than one face is on the picture',
  'too-small': 'The face is too small',
  blurred: 'The face is blurred',
  'too-dark': 'The face is too dark',
  'turned-away': 'The face is turned away',
} as const;

export function enrolmentCheckHandler(deps: Deps, toolsFor: ToolsFor): JobHandler<'enrolmentCheck'> {
  return {
    queue: 'enrolmentCheck',
    concurrency: 1,
    async run({ enrolmentImageId: id }) {
      const image = await deps.prisma.enrolmentImage.findUnique({ where: { id } });
      // Erased or checked in the meantime: a job that comes twice changes nothing.
      if (image?.status !== 'pending' || !image.pictureSha256) return;
      const [baseModelId, ...others] = await baseModelsFor(deps, image.identityId);
      if (baseModelId === undefined)
        return settle(deps, id, { status: 'rejected', reason: 'No recogniser is installed yet' });
      const tools = await toolsFor(baseModelId);
      const picture = await deps.artifacts.read(image.pictureSha256);
      const check = await checkEnrolmentPicture(picture, image.fileName, tools).catch((error: unknown) => {
        if (error instanceof SafaceError && error.code === 'invalid-input') return error;
        throw error;
      });
      if (check instanceof SafaceError)
        return settle(deps, id, { status: 'rejected', reason: `${check.message}. ${check.remedy}` });
      if (!check.ok)
        return settle(deps, id, {
          status: 'rejected',
          reason: `${words[check.reason]}. ${check.remedy}`,
          quality: check.found?.quality ?? null,
        });
      const template = await tools.embed(check.crop);
      const crop = await encodePng(check.crop);
      const duplicate = await findDuplicate(deps, { tools, template, identityId: image.identityId });
      await deps.prisma.$transaction(async (tx) => {
        const { sha256 } = await deps.artifacts.put(tx, crop);
        const { count } = await tx.enrolmentImage.updateMany({
          where: { id, status: 'pending' },
          data: {
            status: 'accepted',
            quality: check.quality,
            cropSha256: sha256,
            checkedAt: new Date(),
            duplicateOfIdentityId: duplicate?.identityId ?? null,
            reason: duplicate ? 'This face is already enrolled under another name' : null,
          },
        });
        if (count > 0) await saveCrop(tx, deps.key, { imageId: id, baseModelId, cropSha256: sha256, template });
      });
      // Who is watched for under several base models is recognised under all of them at once.
      for (const other of others) await addCrop(deps, await toolsFor(other), id);
    },
    giveUp: ({ enrolmentImageId }, { message, remedy }) =>
      settle(deps, enrolmentImageId, {
        status: 'rejected',
        reason: `The picture could not be checked: ${message}. ${remedy}`,
      }),
  };
}

async function settle(
  { prisma }: Deps,
  id: string,
  data: { status: 'rejected'; reason: string; quality?: number | null },
): Promise<void> {
  await prisma.enrolmentImage.updateMany({
    where: { id, status: 'pending' },
    data: { ...data, checkedAt: new Date() },
  });
}

/** The base models of scenarios that watch for this person, else the newest one there is. */
async function baseModelsFor({ prisma }: Deps, identityId: string): Promise<string[]> {
  const scenarios = await prisma.scenario.findMany({
    where: { galleries: { some: { gallery: { identities: { some: { identityId } } } } } },
    orderBy: { id: 'asc' },
    select: { baseModelId: true },
  });
  if (scenarios.length > 0) return [...new Set(scenarios.map(({ baseModelId }) => baseModelId))];
  const newest = await prisma.baseModel.findFirst({ orderBy: { createdAt: 'desc' }, select: { id: true } });
  return newest ? [newest.id] : [];
}

/** Somebody else's picture that shows this face. Pictures seeded with a crop only get their template here, once. */
async function findDuplicate(
  deps: Deps,
  { tools, template, identityId }: { tools: FaceTools; template: Float32Array; identityId: string },
): Promise<{ identityId: string } | null> {
  const others = await deps.prisma.enrolmentCrop.findMany({
    where: {
      baseModelId: tools.baseModelId,
      image: { status: 'accepted', NOT: { identityId }, identity: consenting() },
    },
    select: { templateSealed: true, image: { select: { identityId: true } } },
  });
  let nearest: { identityId: string; distance: number } | null = null;
  for (const other of others) {
    if (!other.templateSealed) continue;
    const distance = embeddingDistance(
      template,
      floatsOf(unseal(other.templateSealed, deps.key, 'template')),
      tools.spec.metric,
    );
    if (distance < (nearest?.distance ?? tools.spec.defaultThreshold * DUPLICATE_SHARE))
      nearest = { identityId: other.image.identityId, distance };
  }
  return nearest;
}
