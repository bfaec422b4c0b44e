import { seal, unseal } from '@saface/agent-kit/sealed-file';
import { embeddingDistance, SafaceError } from '@saface/core';
import { checkEnrolmentPicture, encodePng } from '@saface/engine';
import type { Deps } from '../deps.ts';
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

export function enrolmentCheckHandler(
  deps: Deps,
  toolsFor: (baseModelId: string) => Promise<FaceTools>,
): JobHandler<'enrolmentCheck'> {
  return {
    queue: 'enrolmentCheck',
    concurrency: 1,
    async run({ enrolmentImageId: id }) {
      const image = await deps.prisma.enrolmentImage.findUnique({ where: { id } });
      // Erased or checked in the meantime: a job that comes twice changes nothing.
      if (image?.status !== 'pending' || !image.pictureSha256) return;
      const baseModelId = await baseModelFor(deps, image.identityId);
      if (baseModelId === null)
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
        await tx.enrolmentImage.updateMany({
          where: { id, status: 'pending' },
          data: {
            status: 'accepted',
            quality: check.quality,
            cropSha256: sha256,
            checkedAt: new Date(),
            templateModelId: baseModelId,
            templateSealed: new Uint8Array(seal(bytesOf(template), deps.key)),
            duplicateOfIdentityId: duplicate?.identityId ?? null,
            reason: duplicate ? 'This face is already enrolled under another name' : null,
          },
        });
      });
    },
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

/** The base model of a scenario that watches for this person, else the newest one there is. */
async function baseModelFor({ prisma }: Deps, identityId: string): Promise<string | null> {
  const scenario = await prisma.scenario.findFirst({
    where: { galleries: { some: { gallery: { identities: { some: { identityId } } } } } },
    orderBy: { id: 'asc' },
    select: { baseModelId: true },
  });
  if (scenario) return scenario.baseModelId;
  const newest = await prisma.baseModel.findFirst({ orderBy: { createdAt: 'desc' }, select: { id: true } });
  return newest?.id ?? null;
}

/** Somebody else's picture that shows this face. Pictures seeded with a crop only get their template here, once. */
async function findDuplicate(
  deps: Deps,
  { tools, template, identityId }: { tools: FaceTools; template: Float32Array; identityId: string },
): Promise<{ identityId: string } | null> {
  const others = await deps.prisma.enrolmentImage.findMany({
    where: { templateModelId: tools.baseModelId, status: 'accepted', NOT: { identityId } },
    select: { identityId: true, templateSealed: true },
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
      nearest = { identityId: other.identityId, distance };
  }
  return nearest;
}

export const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);
