import { seal } from '@saface/agent-kit/sealed-file';
import { describeError, SafaceError } from '@saface/core';
import type { Db } from '@saface/db';
import { checkEnrolmentPicture, decodeImage, encodePng } from '@saface/engine';
import { consenting } from '../agents/edge-people.ts';
import type { Deps } from '../deps.ts';
import type { FaceTools } from './face-tools.ts';

export type ToolsFor = (baseModelId: string) => Promise<FaceTools>;

/** Pictures looked at in one go; the others come with the next look. */
const AT_ONCE = 200;

/** Base models that want crops: those that scenarios use or are about to, and the newest for people nobody watches for yet. */
export async function wantedBaseModels({ prisma }: Deps): Promise<string[]> {
  const [scenarios, moves, newest] = await Promise.all([
    prisma.scenario.findMany({ distinct: ['baseModelId'], select: { baseModelId: true } }),
    prisma.baseModelMove.findMany({ where: { status: 'preparing' }, select: { baseModelId: true } }),
    prisma.baseModel.findFirst({ orderBy: { createdAt: 'desc' }, select: { id: true } }),
  ]);
  const used = [...scenarios, ...moves].map(({ baseModelId }) => baseModelId);
  return [...new Set(used.length > 0 ? used : newest ? [newest.id] : [])].sort();
}

/** Accepted pictures that a base model has no crop or no template of yet, of people who agree to be recognised. */
export const lacking = (baseModelId: string) => ({
  status: 'accepted' as const,
  identity: consenting(),
  crops: { none: { baseModelId, OR: [{ templateSealed: { not: null } }, { reason: { not: null } }] } },
});

/**
 * Brings accepted pictures up to every base model in use; returns how many crops were made or found impossible. A model or a
 * picture that fails is logged and keeps no other from its crops.
 */
export async function addMissingCrops(deps: Deps, toolsFor: ToolsFor): Promise<number> {
  let added = 0;
  for (const baseModelId of await wantedBaseModels(deps)) {
    const images = await deps.prisma.enrolmentImage.findMany({
      where: lacking(baseModelId),
      select: { id: true },
      orderBy: { id: 'asc' },
      take: AT_ONCE,
    });
    if (images.length === 0) continue;
    const failed = (error: unknown) => deps.log.warn({ baseModelId }, `no crop: ${describeError(error)}`);
    const tools = await toolsFor(baseModelId).catch(failed);
    if (!tools) continue;
    for (const { id } of images)
      await addCrop(deps, tools, id).then(() => {
        added++;
      }, failed);
  }
  return added;
}

/** Aligns one accepted picture for one base model, or writes down why that cannot be. */
export async function addCrop(deps: Deps, tools: FaceTools, imageId: string): Promise<void> {
  const image = await deps.prisma.enrolmentImage.findUnique({ where: { id: imageId }, include: { crops: true } });
  // Erased, or taken back, in the meantime.
  if (image?.status !== 'accepted') return;
  const own = image.crops.find(({ baseModelId }) => baseModelId === tools.baseModelId);
  try {
    const crop = own?.cropSha256
      ? await decodeImage(await deps.artifacts.read(own.cropSha256), image.fileName)
      : await cut(deps, tools, image);
    const template = await tools.embed(crop);
    const png = own?.cropSha256 ? null : await encodePng(crop);
    await deps.prisma.$transaction(async (tx) => {
      const cropSha256 = png ? (await deps.artifacts.put(tx, png)).sha256 : own!.cropSha256!;
      await saveCrop(tx, deps.key, { imageId, baseModelId: tools.baseModelId, cropSha256, template });
    });
  } catch (error) {
    if (!(error instanceof SafaceError) || (error.code !== 'invalid-input' && error.code !== 'not-found')) throw error;
    const key = { imageId, baseModelId: tools.baseModelId };
    const data = { cropSha256: null, reason: `${error.message}. ${error.remedy}` };
    await deps.prisma.enrolmentCrop.upsert({
      where: { imageId_baseModelId: key },
      create: { ...key, ...data },
      update: data,
    });
  }
}

async function cut(
  { artifacts }: Deps,
  tools: FaceTools,
  { pictureSha256, fileName }: { pictureSha256: string | null; fileName: string },
) {
  if (!pictureSha256)
    throw new SafaceError(
      'not-found',
      'The picture itself was not kept, only a crop for another base model',
      'Upload a picture of this person again.',
    );
  const check = await checkEnrolmentPicture(await artifacts.read(pictureSha256), fileName, tools);
  // It was accepted before, for another crop: what counts now is that there is one face to cut out.
  const found = check.ok ? check : check.found;
  if (!found) throw new SafaceError('invalid-input', 'No single face was found', check.ok ? '' : check.remedy);
  return found.crop;
}

export async function saveCrop(
  tx: Db,
  key: Buffer,
  row: { imageId: string; baseModelId: string; cropSha256: string; template: Float32Array },
): Promise<void> {
  const { imageId, baseModelId, cropSha256, template } = row;
  const data = { cropSha256, reason: null, templateSealed: new Uint8Array(seal(bytesOf(template), key)) };
  await tx.enrolmentCrop.upsert({
    where: { imageId_baseModelId: { imageId, baseModelId } },
    create: { imageId, baseModelId, ...data },
    update: data,
  });
}

export const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);
