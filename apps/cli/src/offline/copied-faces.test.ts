import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Extractor, TrackStore } from '@saface/core';
import { ALTERED_COPIES } from '@saface/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CopiedFaces } from './copied-faces.ts';
import { extractor } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-copies-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const crop = (shade: number) => ({ width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(shade) });
const box = { x: 0, y: 0, width: 16, height: 16 };
/** The shade is the feature. */
const shades: Extractor = { ...extractor, extract: async (crops) => Float32Array.from(crops, ({ data }) => data[0]) };

it.each([11, 200, 1000, 5000])('copies probes of a track of %i that learning holds', async (length) => {
  const faces = await CopiedFaces.create(dir, shades);
  const store = new TrackStore<number>({ maxProbes: 10_000 });
  for (let row = 0; row < length; row++) {
    const probe = { trackId: 1, quality: 1, box };
    await faces.add(crop(row % 200), { ...probe, row, frame: row, time: 40 * row });
    store.addFrame({ stream: 'video', frame: row, time: 40 * row, probes: [{ ...probe, ref: row }] });
  }
  const { rows, banks } = faces.copies;
  const held = new Set(store.snapshot().refs);
  expect(rows.filter((row) => !held.has(row))).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(Math.min(length, 5));
  expect(rows.length).toBeLessThanOrEqual(20);
  expect(banks).toHaveLength(ALTERED_COPIES);
  // The mirror image of a face of one shade is the same.
  expect([...(await banks[0].read(rows.map((_, i) => i)))]).toEqual(rows.map((row) => row % 200));
  await faces.dispose();
});
