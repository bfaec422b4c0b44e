import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHalf, toHalf } from '@saface/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FeatureFile } from './feature-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-features-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const halved = (values: Float32Array): Float32Array => fromHalf(toHalf(values));

describe('FeatureFile', () => {
  it('gives back any rows in any order, whatever the size of a sample and of what was added at once', async () => {
    const number = fc.float({ min: -1000, max: 1000, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 19 }).chain((size) => {
          const sample = fc.array(number, { minLength: size, maxLength: size });
          return fc.tuple(
            fc.constant(size),
            fc.array(fc.array(sample, { minLength: 1, maxLength: 4 }), { minLength: 1 }),
          );
        }),
        async ([size, batches]) => {
          const file = await FeatureFile.create(dir, size);
          try {
            for (const batch of batches) await file.add(Float32Array.from(batch.flat()));
            const all = batches.flat().map((sample) => halved(Float32Array.from(sample)));
            expect(file.size).toBe(all.length);
            const rows = all.map((_, row) => row).reverse();
            const expected = Float32Array.from(rows.flatMap((row) => [...all[row]]));
            expect(await file.read(rows)).toEqual(expected);
          } finally {
            await file.dispose();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has no name on disk while it is open', async () => {
    const file = await FeatureFile.create(dir, 4);
    await file.add(Float32Array.of(1, 2, 3, 4));
    expect(await readdir(dir)).toEqual([]);
    await file.dispose();
  });

  it('refuses a row that was never added', async () => {
    const file = await FeatureFile.create(dir, 4);
    await file.add(Float32Array.of(1, 2, 3, 4));
    await expect(file.read([0, 1])).rejects.toThrow(RangeError);
    await file.dispose();
  });

  it('says where nothing can be written, and what to do', async () => {
    const file = join(dir, 'a-file');
    await writeFile(file, '');
    await expect(FeatureFile.create(join(file, 'below'), 4)).rejects.toMatchObject({
      code: 'exhausted',
      message: expect.stringContaining(file),
      remedy: expect.stringContaining('--out'),
    });
  });
});
