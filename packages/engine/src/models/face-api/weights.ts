import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SafaceError } from '@saface/core';
import { z } from 'zod';

/** One tensor as TensorFlow.js stores it: convolution filters are [height, width, in, out]. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
export type Weights = ReadonlyMap<string, WeightTensor>;

export type FaceApiModel = 'ssd_mobilenetv1_model' | 'face_landmark_68_model' | 'face_recognition_model';

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().nonnegative()),
        dtype: z.enum(['float32', 'int32']),
        quantization: z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }).optional(),
      }),
    ),
  }),
);
type Entry = z.infer<typeof manifestSchema>[number]['weights'][number];

/** Folder of the npm package @vladmandic/face-api. */
export function faceApiRoot(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
  } catch (cause) {
    throw new SafaceError('not-found', 'The npm package @vladmandic/face-api is missing', 'Run `npm ci`.', { cause });
  }
}

/** Reads one model's weights out of the npm package; quantised values come back as float32, `value * scale + min`. */
export async function readFaceApiWeights(model: FaceApiModel, root = faceApiRoot()): Promise<Weights> {
  const folder = join(root, 'model');
  const manifest = manifestSchema.parse(
    JSON.parse(await readFile(join(folder, `${model}-weights_manifest.json`), 'utf8')),
  );
  const weights = new Map<string, WeightTensor>();
  for (const group of manifest) {
    const bytes = Buffer.concat(await Promise.all(group.paths.map((path) => readFile(join(folder, path)))));
    let offset = 0;
    for (const entry of group.weights) {
      const { data, length } = decodeEntry(bytes, offset, entry);
      weights.set(entry.name, { shape: entry.shape, data });
      offset += length;
    }
    if (offset !== bytes.length) {
      throw new SafaceError(
        'integrity',
        `${model}: ${bytes.length - offset} bytes left over`,
        'Reinstall the npm packages: `npm ci`.',
      );
    }
  }
  return weights;
}

function decodeEntry(bytes: Buffer, offset: number, entry: Entry): { data: Float32Array; length: number } {
  const count = entry.shape.reduce((product, side) => product * side, 1);
  const stored = entry.quantization?.dtype ?? entry.dtype;
  const width = stored === 'uint8' ? 1 : stored === 'uint16' ? 2 : 4;
  const length = count * width;
  if (offset + length > bytes.length) {
    throw new SafaceError(
      'integrity',
      `Weight file ends inside "${entry.name}"`,
      'Reinstall the npm packages: `npm ci`.',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  const read = {
    uint8: (i: number) => view.getUint8(i),
    uint16: (i: number) => view.getUint16(i * 2, true),
    int32: (i: number) => view.getInt32(i * 4, true),
    float32: (i: number) => view.getFloat32(i * 4, true),
  }[stored];
  const { scale, min } = entry.quantization ?? { scale: 1, min: 0 };
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = read(i) * scale + min;
  return { data, length };
}

/** The tensor of that name; throws `integrity` when the package does not carry it. */
export function weight(weights: Weights, name: string): WeightTensor {
  const found = weights.get(name);
  if (found === undefined) {
    throw new SafaceError(
      'integrity',
      `@vladmandic/face-api carries no weight "${name}"`,
      'Install version 1.7.15 of the package.',
    );
  }
  return found;
}

/**
 * TensorFlow.js filters [h, w, in, out] as ONNX wants them, [out, in, h, w]; each output channel times `scale`.
 * With `depthwise`, [h, w, channels, 1] becomes [channels, 1, h, w].
 */
export function onnxFilters(
  filters: WeightTensor,
  options: { scale?: Float32Array; depthwise?: boolean } = {},
): WeightTensor {
  const [h, w, a, b] = filters.shape as [number, number, number, number];
  const [inputs, outputs] = options.depthwise ? [b, a] : [a, b];
  const data = new Float32Array(filters.data.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let i = 0; i < a; i++) {
        for (let j = 0; j < b; j++) {
          const [input, output] = options.depthwise ? [j, i] : [i, j];
          const value = filters.data[((y * w + x) * a + i) * b + j]!;
          data[((output * inputs + input) * h + y) * w + x] = value * (options.scale?.[output] ?? 1);
        }
      }
    }
  }
  return { shape: [outputs, inputs, h, w], data };
}
