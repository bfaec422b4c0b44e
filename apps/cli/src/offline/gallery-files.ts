import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureFormat } from '@saface/engine';
import { hasPictureName } from '@saface/media';
import { listVisible } from './list-visible.ts';

/** What operating systems leave behind in folders of pictures, beside what is hidden by its name. */
const leftBehind = /^(thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|\$recycle\.bin)$/i;
/** As many bytes as `pictureFormat` looks at. */
const HEAD = 16;

export interface GalleryFiles {
  /** Paths of what is, or should be, a picture: by its name or by its bytes. */
  readonly pictures: readonly string[];
  /** Paths of other files, as a list of names or a README. */
  readonly others: readonly string[];
}

/** The files in a person's folder, by name; what the operating system left there is not told of. */
export async function listGalleryFiles(folder: string): Promise<GalleryFiles> {
  const names = (await listVisible(folder, 'files')).filter((name) => !leftBehind.test(name));
  const paths = names.sort((a, b) => a.localeCompare(b)).map((name) => join(folder, name));
  const pictures: string[] = [];
  const others: string[] = [];
  // One after another: there may be more files than a process may open.
  for (const path of paths) (hasPictureName(path) || (await startsAsPicture(path)) ? pictures : others).push(path);
  return { pictures, others };
}

/** A picture may be called anything. One that may not be read is taken for one, so that somebody hears of it. */
async function startsAsPicture(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return true;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(HEAD) });
    return pictureFormat(buffer.subarray(0, bytesRead)) !== null;
  } catch {
    return true;
  } finally {
    await file.close();
  }
}
