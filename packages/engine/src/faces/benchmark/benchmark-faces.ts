import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type AlignmentSpec,
  type Enrolled,
  type Extractor,
  type FeatureBank,
  type RgbImage,
  usesLandmarks,
} from '@saface/core';
import { z } from 'zod';
import { alignFace } from '../alignment.ts';
import { readImage } from '../image.ts';

/** Pixels of a face's square on the sheet, and squares side by side; `apps/cli/scripts/make-benchmark-faces.ts` draws it. */
export const BENCHMARK_SHEET = { tile: 160, columns: 12 } as const;

const facesSchema = z.array(
  z.object({ person: z.number().int(), landmarks: z.array(z.tuple([z.number(), z.number()])).length(5) }),
);

/** Faces that go through the extractor at once: few, so that frames of cameras get their turn in between. */
const BATCH = 8;

/**
 * The base benchmark (docs/decisions/023): three passport-like pictures of each of 40 simulated people, as a model that has
 * forgotten nothing tells apart. The same on every machine, for good.
 *
 * @returns their features at the extractor's cut; null for recognisers of anything but faces
 */
export async function benchmarkFaces(extractor: Extractor, alignment: AlignmentSpec): Promise<Enrolled | null> {
  if (!usesLandmarks(alignment)) return null;
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const sheet = await readImage(file('faces.jpg'));
  const faces = facesSchema.parse(JSON.parse(await readFile(file('faces.json'), 'utf8')));
  const crops = faces.map(({ landmarks }, i) =>
    alignFace(
      tileOf(sheet, i),
      landmarks.map(([x, y]) => ({ x, y })),
      alignment,
    ),
  );
  const sampleSize = extractor.featureShape.reduce((product, size) => product * size, 1);
  const features: Float32Array[] = [];
  for (let i = 0; i < crops.length; i += BATCH) {
    const batch = await extractor.extract(crops.slice(i, i + BATCH));
    for (let from = 0; from < batch.length; from += sampleSize) features.push(batch.slice(from, from + sampleSize));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { identityIds: faces.map(({ person }) => String(person)), bank: bankOf(features, sampleSize) };
}

function bankOf(features: readonly Float32Array[], sampleSize: number): FeatureBank {
  return {
    sampleSize,
    read(rows) {
      const out = new Float32Array(rows.length * sampleSize);
      for (let i = 0; i < rows.length; i++) out.set(features[rows[i]!]!, i * sampleSize);
      return out;
    },
  };
}

function tileOf({ width, data }: RgbImage, number: number): RgbImage {
  const { tile, columns } = BENCHMARK_SHEET;
  const [left, top] = [(number % columns) * tile, Math.floor(number / columns) * tile];
  const out = new Uint8Array(tile * tile * 3);
  for (let row = 0; row < tile; row++) {
    const from = ((top + row) * width + left) * 3;
    out.set(data.subarray(from, from + tile * 3), row * tile * 3);
  }
  return { width: tile, height: tile, data: out };
}
