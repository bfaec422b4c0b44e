import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type RecogniserSpec, SafaceError } from '@saface/core';
import { z } from 'zod';
import { buildLandmarks } from './face-api/landmarks-68.ts';
import { buildRecogniser, faceApiRecogniser } from './face-api/recogniser.ts';
import { buildDetector } from './face-api/ssd-mobilenet.ts';
import { readFaceApiWeights } from './face-api/weights.ts';

/** Rises whenever a converter changes what it writes; older folders are then built anew. */
export const BUILDER_VERSION = 1;

export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The models that the product starts with, as ONNX files. */
export interface DefaultModels {
  readonly detector: ModelFile;
  readonly landmarks: ModelFile;
  readonly recogniser: ModelFile;
  readonly spec: RecogniserSpec;
}

const builders = {
  detector: async () => buildDetector(await readFaceApiWeights('ssd_mobilenetv1_model')),
  landmarks: async () => buildLandmarks(await readFaceApiWeights('face_landmark_68_model')),
  recogniser: async () => buildRecogniser(await readFaceApiWeights('face_recognition_model')),
};
type Part = keyof typeof builders;
const parts = Object.keys(builders) as Part[];

const fileSchema = z.object({ sha256: z.string().length(64), bytes: z.number().int().positive() });
const manifestSchema = z.object({
  builder: z.literal(BUILDER_VERSION),
  files: z.object({ detector: fileSchema, landmarks: fileSchema, recogniser: fileSchema }),
});
type Manifest = z.infer<typeof manifestSchema>;

/**
 * Makes sure that `dir` holds detector.onnx, landmarks.onnx and recogniser.onnx, converted from the weights inside
 * @vladmandic/face-api, and says where they are. Builds what is missing, damaged or of an older builder (about two seconds);
 * else it only checks the hashes. Two processes may call it at once: files appear whole or not at all.
 */
export async function ensureDefaultModels(dir: string): Promise<DefaultModels> {
  const manifest = (await readManifest(dir)) ?? (await build(dir));
  const file = (part: Part): ModelFile => ({ path: join(dir, `${part}.onnx`), ...manifest.files[part] });
  return {
    detector: file('detector'),
    landmarks: file('landmarks'),
    recogniser: file('recogniser'),
    spec: faceApiRecogniser,
  };
}

/** The manifest when every file is what it says; null when anything is missing or stale. */
async function readManifest(dir: string): Promise<Manifest | null> {
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')));
    const sound = await Promise.all(
      parts.map(async (part) => sha256(await readFile(join(dir, `${part}.onnx`))) === manifest.files[part].sha256),
    );
    return sound.every(Boolean) ? manifest : null;
  } catch {
    // Missing, cut short or of another builder: all of them are cured by building.
    return null;
  }
}

async function build(dir: string): Promise<Manifest> {
  try {
    await mkdir(dir, { recursive: true });
    const described: Partial<Manifest['files']> = {};
    for (const part of parts) {
      const bytes = await builders[part]();
      await writeWhole(join(dir, `${part}.onnx`), bytes);
      described[part] = { sha256: sha256(bytes), bytes: bytes.length };
    }
    const manifest = manifestSchema.parse({ builder: BUILDER_VERSION, files: described });
    await writeWhole(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } catch (cause) {
    if (cause instanceof SafaceError) throw cause;
    throw new SafaceError(
      'unavailable',
      `Cannot write the default models to "${dir}" (${describeError(cause)})`,
      'Check that the folder is writable and the disk has 50 MB left.',
      { cause },
    );
  }
}

async function writeWhole(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether `dir` holds the default models as this build makes them. Looks only. */
export async function defaultModelsState(dir: string): Promise<'sound' | 'missing' | 'damaged'> {
  if (await readManifest(dir)) return 'sound';
  return existsSync(join(dir, 'manifest.json')) ? 'damaged' : 'missing';
}
