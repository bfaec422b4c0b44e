import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError, type RgbImage, SafaceError } from '@saface/core';
import { arcFaceTemplate } from '../backbones/index.ts';
import { alignFace, warp } from '../faces/alignment.ts';
import { readImage } from '../faces/image.ts';
import { detectInStill } from '../faces/still-detection.ts';
import { ensureDefaultModels } from '../models/build-default-models.ts';
import { openDetector, openLandmarker } from '../models/registry.ts';
import { type CropPack, ensureCropPack, type PackedPerson, type Skipped } from './crop-pack.ts';

export interface LabelledFolderOptions {
  /** Where the aligned crops are kept. */
  readonly cacheDir: string;
  /** Where the default detector and landmark net are, or are built; used only for pictures that are no crops yet. */
  readonly modelsDir: string;
  /** Pixels of the crops. */
  readonly size: number;
  readonly threads?: number;
  readonly onPerson?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Square pictures up to this side are taken as aligned crops already: public face data sets come so (112x112). */
const largestCrop = 160;

interface PersonFolder {
  readonly identity: string;
  readonly files: readonly { readonly path: string; readonly stamp: string }[];
}

/**
 * A labelled folder as a dataset: `<dir>/<person>/<picture>`. Faces are found, aligned to ArcFace's template and kept, once;
 * changed pictures are prepared again. What cannot be used is left out and listed in `skipped`.
 *
 * @throws SafaceError 'not-found' for a folder that cannot be read, 'invalid-input' for one that is not laid out so
 */
export async function ensureLabelledFolder(dir: string, options: LabelledFolderOptions): Promise<CropPack> {
  const { cacheDir, size, onPerson, signal } = options;
  const root = resolve(dir);
  const people = await listPeople(root);
  const stamps = people.map(({ identity, files }) => [identity, files.map(({ stamp }) => stamp)]);
  const source = createHash('sha256')
    .update(JSON.stringify([root, stamps]))
    .digest('hex');
  const finder = new FaceFinder(options);
  async function* prepare(): AsyncGenerator<PackedPerson> {
    for (const [at, { identity, files }] of people.entries()) {
      const crops: Uint8Array[] = [];
      const skipped: Skipped[] = [];
      if (files.length === 0) skipped.push({ file: `${identity}/`, reason: 'the folder is empty' });
      for (const { path } of files) {
        signal?.throwIfAborted();
        const crop = await finder.crop(path);
        if ('reason' in crop) skipped.push({ file: path, reason: crop.reason });
        else crops.push(crop.data);
      }
      yield { identity, crops, skipped };
      onPerson?.(at + 1, people.length);
    }
  }
  try {
    const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
    return await ensureCropPack(
      { dir: join(cacheDir, `folder-${key}-${size}`), source, name: `"${dir}"`, size },
      prepare,
    );
  } finally {
    await finder.close();
  }
}

async function listPeople(root: string): Promise<PersonFolder[]> {
  const visible = (name: string) => !name.startsWith('.');
  let entries: string[];
  try {
    const found = await readdir(root, { withFileTypes: true });
    entries = found.filter((entry) => entry.isDirectory() && visible(entry.name)).map(({ name }) => name);
  } catch (cause) {
    throw new SafaceError('not-found', `Cannot read "${root}" (${describeError(cause)})`, 'Check the path.', { cause });
  }
  if (entries.length === 0)
    throw new SafaceError(
      'invalid-input',
      `"${root}" has no folder for each person`,
      'Lay the pictures out as <folder>/<person>/<picture>.',
    );
  return Promise.all(
    entries.sort().map(async (identity) => {
      const found = await readdir(join(root, identity), { withFileTypes: true });
      const names = found.filter((entry) => entry.isFile() && visible(entry.name)).map(({ name }) => name);
      const files = names.sort().map(async (name) => {
        const path = join(root, identity, name);
        const { size, mtimeMs } = await stat(path);
        return { path, stamp: `${name} ${size} ${mtimeMs}` };
      });
      return { identity, files: await Promise.all(files) };
    }),
  );
}

type Tools = {
  readonly detector: Awaited<ReturnType<typeof openDetector>>;
  readonly landmarker: Awaited<ReturnType<typeof openLandmarker>>;
};

/** Cuts the one face of a picture out; the networks for it are opened when the first picture needs them. */
class FaceFinder {
  readonly #options: LabelledFolderOptions;
  #tools: Promise<Tools> | undefined;

  constructor(options: LabelledFolderOptions) {
    this.#options = options;
  }

  async crop(path: string): Promise<RgbImage | { readonly reason: string }> {
    const { size } = this.#options;
    let image: RgbImage;
    try {
      image = await readImage(path);
    } catch (error) {
      if (error instanceof SafaceError) return { reason: error.message };
      throw error;
    }
    if (image.width === image.height && image.width <= largestCrop)
      return warp(image, { a: image.width / size, b: 0, tx: 0, ty: 0 }, size);
    const { detector, landmarker } = await this.#open();
    const faces = await detectInStill(detector, image);
    const largest = faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)[0];
    if (!largest) return { reason: 'no face was found' };
    const [face] = await landmarker.landmark(image, [largest]);
    if (!face || face.guessed) return { reason: 'the face has no eyes, nose and mouth that could be found' };
    return alignFace(image, face.landmarks, { size, template: arcFaceTemplate(size) });
  }

  async close(): Promise<void> {
    if (!this.#tools) return;
    const { detector, landmarker } = await this.#tools;
    await detector.dispose();
    await landmarker.dispose();
  }

  #open(): Promise<Tools> {
    this.#tools ??= (async () => {
      const { modelsDir, threads } = this.#options;
      const files = await ensureDefaultModels(modelsDir);
      return {
        detector: await openDetector(files.detector.path, { session: { threads } }),
        landmarker: await openLandmarker(files.landmarks.path, { threads }),
      };
    })();
    return this.#tools;
  }
}
