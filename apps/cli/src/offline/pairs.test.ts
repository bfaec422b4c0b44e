import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairFigures, readPairs } from './pairs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-pairs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pair = (same: boolean, fold: string | null = null) => ({ a: 'a', b: 'b', same, fold });

describe('pairFigures', () => {
  it('takes the best threshold of all pairs, and in each fold that of the others', () => {
    const pairs = [pair(true, '1'), pair(false, '1'), pair(true, '2'), pair(false, '2')];
    expect(pairFigures(pairs, [0.1, 0.9, 0.2, 0.8])).toMatchObject({
      bestAccuracy: 1,
      bestThreshold: 0.5,
      foldAccuracy: 1,
      folds: 2,
      auc: 1,
    });
    // What separates fold 1 misjudges fold 2's impostors, and the other way round its genuine pairs.
    const figures = pairFigures(pairs, [0.1, 0.2, 0.6, 0.7]);
    expect(figures.foldAccuracy).toBe(0.5);
    expect(figures.bestAccuracy).toBe(0.75);
  });

  it('accepts pairs of equal distance together', () => {
    expect(pairFigures([pair(true), pair(false)], [0.5, 0.5])).toMatchObject({ bestAccuracy: 0.5, foldAccuracy: null });
  });
});

describe('readPairs', () => {
  it('reads folds where there are some, and names the line that is wrong', async () => {
    const path = join(folder, 'pairs.csv');
    await writeFile(path, 'a,b,same,fold\nx/1.jpg,x/2.jpg,1,3\nx/1.jpg,y/1.jpg,0,4\n');
    expect(await readPairs(path)).toEqual([
      { a: 'x/1.jpg', b: 'x/2.jpg', same: true, fold: '3' },
      { a: 'x/1.jpg', b: 'y/1.jpg', same: false, fold: '4' },
    ]);
    await writeFile(path, 'a,b,same\nx/1.jpg,x/2.jpg,yes\n');
    await expect(readPairs(path)).rejects.toThrow(/line 2/);
    await writeFile(path, 'a,b\n');
    await expect(readPairs(path)).rejects.toThrow(/"same"/);
    await writeFile(path, 'a,b,same\nx/1.jpg,x/2.jpg,1\n');
    await expect(readPairs(path)).rejects.toThrow(/one person and pairs of two/);
    await expect(readPairs(join(folder, 'none.csv'))).rejects.toThrow(/none\.csv/);
  });
});
