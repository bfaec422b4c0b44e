import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Frame, SafaceError } from '@saface/core';
import { readPicture } from './picture.ts';

/** Those that cannot be read on every machine too, so that nobody misses them in silence. */
const pictureName = /\.(jpe?g|jpe|jfif|png|webp|avif|gif|tiff?|heic|heif|bmp)$/i;

/** Whether a file is called as pictures are. */
export function hasPictureName(name: string): boolean {
  return pictureName.test(name);
}

export interface PictureFolderOptions {
  readonly signal?: AbortSignal;
  readonly maxFrames?: number;
  /** Pictures a second of the media clock; default 25. */
  readonly fps?: number;
}

/** Names of the pictures in a folder (not below it), in the order people count: 2 before 10. */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new SafaceError(
      'invalid-input',
      `"${folder}" is not a folder that can be read`,
      'Name a folder with pictures.',
    );
  });
  const names = entries
    .filter((e) => !e.isDirectory() && hasPictureName(e.name) && !e.name.startsWith('.'))
    .map((e) => e.name);
  const counted = new Intl.Collator('en', { numeric: true });
  return names.sort((a, b) => counted.compare(a, b) || (a < b ? -1 : 1));
}

/**
 * A folder of pictures as a video: one frame a picture, in the order of their names; sizes may differ. `index` counts those
 * that cannot be read as well, so that it is the picture's place in the folder.
 *
 * @throws SafaceError `invalid-input` when the folder has no pictures, and after the last of them when some cannot be read.
 */
export async function* readPictureFolder(
  folder: string,
  options: PictureFolderOptions = {},
): AsyncGenerator<Frame, void, void> {
  const { signal, maxFrames = Number.POSITIVE_INFINITY, fps = 25 } = options;
  const path = resolve(folder);
  const names = await listPictures(path);
  if (names.length === 0) {
    throw new SafaceError(
      'invalid-input',
      `"${path}" has no pictures in it`,
      'Put JPEG, PNG or WebP files into the folder.',
    );
  }
  const broken: SafaceError[] = [];
  for (const [index, name] of names.entries()) {
    if (signal?.aborted || index >= maxFrames) return;
    const picture = await readPicture(join(path, name)).catch((error: SafaceError) => {
      broken.push(error);
      return null;
    });
    if (picture) yield { ...picture, index, time: (index * 1000) / fps };
  }
  const [first] = broken;
  if (!first) return;
  if (broken.length === 1) throw first;
  const message = `${broken.length} of ${names.length} pictures in "${path}" cannot be read, the first: ${first.message}`;
  throw new SafaceError(first.code, message, first.remedy, { cause: first });
}
