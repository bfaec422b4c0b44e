import { describeError, SafaceError, storableText } from '@saface/core';
import sharp from 'sharp';
import type { ServiceContext } from '../deps.ts';
import { announce } from '../jobs/announce.ts';
import { notFound, requirePermission } from './actor.ts';
import { audited } from './audited.ts';

export const MAX_PICTURE_BYTES = 15 * 1024 * 1024;
export const MAX_PICTURES = 50;
/** Of one request with all its pictures; they are held in memory while they are checked. */
export const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;
const MAX_PIXELS = 40_000_000;
const MIN_SIDE = 32;
/** Longest side that is kept; more helps no recogniser. */
const KEPT_SIDE = 2400;

export interface Upload {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}
export interface UploadAnswer {
  readonly accepted: { id: string; fileName: string }[];
  readonly refused: { fileName: string; message: string; remedy: string }[];
}

/** Takes in what is a picture; the check for a usable face follows in the worker. One bad file does not spoil the others. */
export async function addPictures(
  ctx: ServiceContext,
  identityId: string,
  uploads: readonly Upload[],
): Promise<UploadAnswer> {
  requirePermission(ctx.actor, 'identity.write');
  if (uploads.length === 0) throw new SafaceError('invalid-input', 'No file was sent', 'Choose one or more pictures.');
  if (uploads.length > MAX_PICTURES)
    throw new SafaceError(
      'invalid-input',
      `${uploads.length} files at once`,
      `Send at most ${MAX_PICTURES} at a time.`,
    );
  if (!(await ctx.prisma.identity.findUnique({ where: { id: identityId } }))) throw notFound('identity');
  const answer: UploadAnswer = { accepted: [], refused: [] };
  for (const { fileName, bytes } of uploads) {
    try {
      const id = await addPicture(ctx, identityId, {
        fileName: storableText(fileName.slice(0, 200)),
        bytes: await clean(bytes, fileName),
      });
      answer.accepted.push({ id, fileName });
    } catch (error) {
      if (!(error instanceof SafaceError) || error.code !== 'invalid-input') throw error;
      answer.refused.push({ fileName, message: error.message, remedy: error.remedy });
    }
  }
  return answer;
}

async function addPicture(ctx: ServiceContext, identityId: string, { fileName, bytes }: Upload): Promise<string> {
  const id = await audited(ctx, async (tx) => {
    const { sha256 } = await ctx.artifacts.put(tx, bytes);
    const image = await tx.enrolmentImage.create({
      data: { identityId, fileName, source: 'upload', pictureSha256: sha256 },
    });
    return {
      value: image.id,
      record: { action: 'picture.add', subjectKind: 'identity', subjectId: identityId, data: { imageId: image.id } },
    };
  });
  await announce<'enrolmentCheck'>(ctx.enrolmentQueue, { id, payload: { enrolmentImageId: id }, log: ctx.log });
  return id;
}

/**
 * Judged by content, whatever its name says, and written anew: upright, at most 2400 pixels, without EXIF (which may say
 * where it was taken) and without anything that was hidden behind the picture.
 */
async function clean(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const bad = (what: string, remedy: string, cause?: unknown) =>
    new SafaceError('invalid-input', `"${name}" ${what}`, remedy, { cause });
  if (bytes.length === 0) throw bad('is empty', 'Copy or export the picture again.');
  if (bytes.length > MAX_PICTURE_BYTES)
    throw bad(`is ${(bytes.length / 1e6).toFixed(0)} MB large`, 'Use a file of at most 15 MB.');
  if (!isPicture(bytes)) throw bad('is not a JPEG, PNG or WebP picture', 'Save it as JPEG or PNG and try again.');
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width * height > MAX_PIXELS)
      throw bad(`has ${width}x${height} pixels`, `Shrink it to at most ${MAX_PIXELS / 1e6} megapixels.`);
    if (Math.min(width, height) < MIN_SIDE)
      throw bad(`has only ${width}x${height} pixels`, `Use a picture of at least ${MIN_SIDE}x${MIN_SIDE} pixels.`);
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .resize(KEPT_SIDE, KEPT_SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
  } catch (error) {
    if (error instanceof SafaceError) throw error;
    throw bad(`cannot be read (${describeError(error)})`, 'The file is damaged or cut short; export it again.', error);
  }
}

function isPicture(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return head.startsWith('\xff\xd8\xff') || head.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF....WEBP/s.test(head);
}

export async function deleteImage(ctx: ServiceContext, { imageId }: { imageId: string }) {
  const image = await audited(ctx, async (tx) => {
    const found = await tx.enrolmentImage.findUnique({ where: { id: imageId }, include: { crops: true } });
    if (!found) throw notFound('picture');
    await tx.enrolmentImage.delete({ where: { id: imageId } });
    return {
      value: found,
      record: { action: 'picture.delete', subjectKind: 'identity', subjectId: found.identityId, data: { imageId } },
    };
  });
  const crops = image.crops.map(({ cropSha256 }) => cropSha256);
  await ctx.artifacts.release(ctx.prisma, [image.pictureSha256, image.cropSha256, ...crops]);
  return { id: imageId };
}
