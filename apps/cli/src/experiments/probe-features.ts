import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AlteredCopies,
  CopiedProbes,
  copiesIn,
  type FeatureBank,
  halfBank,
  type RecogniserSpec,
  type RgbImage,
  toHalf,
} from '@saface/core';
import { ALTERED_COPIES, alignProbe, alteredCopies, createOrtExtractor } from '@saface/engine';
import { createFrameSource } from '@saface/media';
import { env, folders } from '../env.ts';
import { progressBar } from '../output.ts';
import type { ExperimentModel } from './models.ts';
import type { Sighting } from './sighting.ts';

/** Crops per extractor call: large enough to use every core, small enough to stay in cache. */
const BATCH = 16;

/** Rises when altered copies, or what is made of them, change: their features, and what was learnt with them, are made anew. */
export const COPIES_VERSION = 3;

/** The frozen part's features of every probe, on disk as half floats; made once for each sighting, model and cut. */
export function probeFeatures(sighting: Sighting, model: ExperimentModel): Promise<FeatureBank> {
  return stored(sighting, model, {
    name: model.name,
    samples: sighting.probes.length,
    crops: () => cropsOf(sighting, model.spec),
  });
}

/** The same of altered copies, of some probes of each track. */
export async function copyFeatures(sighting: Sighting, model: ExperimentModel): Promise<AlteredCopies> {
  const tracks = new Map<number, CopiedProbes>();
  sighting.probes.forEach(({ trackId }, row) => {
    const copied = tracks.get(trackId) ?? new CopiedProbes();
    copied.take(row);
    tracks.set(trackId, copied);
  });
  const rows = [...tracks.values()].flatMap((track) => track.rows).sort((a, b) => a - b);
  const chosen = new Set(rows);
  async function* crops() {
    for await (const { row, crop } of cropsOf(sighting, model.spec))
      if (chosen.has(row)) for (const copy of alteredCopies(crop, row)) yield { crop: copy };
  }
  const samples = rows.length * ALTERED_COPIES;
  const bank = await stored(sighting, model, { name: `${model.name}-copies-${COPIES_VERSION}`, samples, crops });
  return copiesIn(bank, { rows, starts: rows.map((_, i) => i * ALTERED_COPIES), kinds: ALTERED_COPIES });
}

interface Pictures {
  readonly name: string;
  readonly samples: number;
  crops(): AsyncIterable<{ readonly crop: RgbImage }>;
}

async function stored(sighting: Sighting, model: ExperimentModel, pictures: Pictures): Promise<FeatureBank> {
  const dir = join(folders.experiments, 'features');
  const key = createHash('sha256').update(sighting.key).update(model.key).digest('hex').slice(0, 16);
  const path = join(dir, `${sighting.scene.name}-${pictures.name}-${key}.f16`);
  const sampleSize = model.featureShape.reduce((a, b) => a * b, 1);
  const expected = pictures.samples * sampleSize * 2;
  const found = await readFile(path).catch(() => null);
  if (found?.length === expected) return halfBank(asHalves(found), sampleSize);
  await mkdir(dir, { recursive: true });
  await extractInto(path, { model, pictures, what: `features of ${sighting.scene.name} under ${pictures.name}` });
  return halfBank(asHalves(await readFile(path)), sampleSize);
}

function asHalves(bytes: Buffer): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0;
  return aligned
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    : new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

async function extractInto(
  path: string,
  { model, pictures, what }: { readonly model: ExperimentModel; readonly pictures: Pictures; readonly what: string },
): Promise<void> {
  const { spec } = model;
  const extractor = await createOrtExtractor(model.extractor, { input: spec.input, threads: env.threads });
  const bar = progressBar(what);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  let waiting: RgbImage[] = [];
  let done = 0;
  const flush = async () => {
    if (waiting.length === 0) return;
    const values = await extractor.extract(waiting);
    await file.write(new Uint8Array(toHalf(values).buffer));
    done += waiting.length;
    waiting = [];
    bar(done / pictures.samples);
  };
  try {
    for await (const { crop } of pictures.crops()) {
      waiting.push(crop);
      if (waiting.length >= BATCH) await flush();
    }
    await flush();
  } finally {
    await file.close();
    await extractor.dispose();
  }
  await rename(temporary, path);
}

/** Crops of some probes, in the order of `rows`; the video is decoded once. */
export async function probeCrops(
  sighting: Sighting,
  spec: RecogniserSpec,
  rows: readonly number[],
): Promise<RgbImage[]> {
  const wanted = new Set(rows);
  const found = new Map<number, RgbImage>();
  for await (const { row, crop } of cropsOf(sighting, spec)) if (wanted.has(row)) found.set(row, crop);
  return rows.map((row) => found.get(row) as RgbImage);
}

/** Aligned crops of all probes, in order. */
async function* cropsOf(
  sighting: Sighting,
  { alignment }: RecogniserSpec,
): AsyncGenerator<{ row: number; crop: RgbImage }> {
  const { probes, scene } = sighting;
  let row = 0;
  for await (const frame of createFrameSource(scene.video).frames(new AbortController().signal)) {
    for (; row < probes.length && probes[row].frame === frame.index; row++)
      yield { row, crop: alignProbe(frame, probes[row], alignment) };
  }
}
