import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { COPIED_PROBES, CopiedProbes, consistencyMatrix, consistencyOf, copiesIn } from './altered-copies.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import { createLinearTrainer, DIMENSION, INPUTS, noisyCamera } from './testing-trainer.ts';

/** Faces that differ in two directions, and copies of each that differ in the second and the third. */
function facesWithCopies(seed: number, count = 200) {
  const random = createRandom(seed);
  const vary = () => random() * 2 - 1;
  const faces = Array.from({ length: count }, () => [3 * vary(), vary(), 0, 5]);
  const copy = () => new Matrix(faces.map(([a, b, , d]) => [a!, b! + 2 * vary(), 2 * vary(), d!]));
  return { views: [new Matrix(faces), copy(), copy()], weight: faces.map(() => 1 / count) };
}

const under = (rows: Matrix, matrix: Float64Array) => rows.mmul(Matrix.from1DArray(rows.columns, rows.columns, matrix));

/** Of the centred columns. */
function spread(rows: Matrix): number[] {
  return rows.standardDeviation('column', { unbiased: false });
}

describe('consistencyMatrix', () => {
  it('takes out what only copies differ in, and leaves what they do not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (seed) => {
        const { views, weight } = facesWithCopies(seed);
        const matrix = consistencyMatrix(views, weight)!;
        const [untouched, mixed, nuisance, constant] = spread(under(views[1]!, matrix)).map(
          (after, d) => after / (spread(views[1]!)[d]! || 1),
        ) as [number, number, number, number];
        expect(untouched).toBeGreaterThan(0.9);
        expect(mixed).toBeLessThan(0.75);
        expect(mixed).toBeGreaterThan(nuisance);
        expect(nuisance).toBeLessThan(0.5);
        expect(constant).toBeLessThan(0.1);
      }),
      { numRuns: 30 },
    );
  });

  it('brings rows, not columns, as near to the mean of their copies as a map can that is loath to change', () => {
    const mix = Matrix.from1DArray(4, 4, [1, 2, 0, 0, 0, 1, 3, 0, 0, 0, 1, 0.5, 1, 0, 0, 1]);
    const { views: apart, weight } = facesWithCopies(9);
    const views = apart.map((view) => view.mmul(mix));
    const middle = views.reduce((sum, view) => sum.add(view), Matrix.zeros(200, 4)).div(3);
    const centre = middle.mean('column');
    const square = (matrix: Matrix) => matrix.to1DArray().reduce((sum, value) => sum + value ** 2, 0);
    const distances = views.map((view) => view.clone().subRowVector(centre));
    const variation = distances.reduce((sum, view) => sum + square(view), 0) / 200 / 4;
    const cost = (map: Matrix) =>
      distances.reduce((sum, view) => sum + square(view.mmul(map).sub(middle.clone().subRowVector(centre))) / 200, 0) +
      0.1 * variation * square(Matrix.sub(map, Matrix.eye(4)));
    const found = Matrix.from1DArray(4, 4, consistencyMatrix(views, weight)!);
    expect(cost(found.transpose())).toBeGreaterThan(1.1 * cost(found));
    for (let at = 0; at < 16; at++)
      for (const step of [-0.01, 0.01]) {
        const other = found.clone();
        other.set(at >> 2, at & 3, other.get(at >> 2, at & 3) + step);
        expect(cost(other)).toBeGreaterThan(cost(found));
      }
  });

  it('changes nothing where copies are embedded as the faces are', () => {
    const { views, weight } = facesWithCopies(3);
    const same = [views[0]!, views[0]!, views[0]!];
    Array.from(consistencyMatrix(same, weight)!, (value, i) => expect(value).toBeCloseTo(i % 5 === 0 ? 1 : 0, 12));
  });

  it('says nothing of faces that are all the same, or no numbers', () => {
    const weight = [0.5, 0.5];
    const flat = new Matrix([
      [1, 1],
      [1, 1],
    ]);
    expect(consistencyMatrix([flat, flat], weight)).toBeNull();
    const broken = new Matrix([
      [Number.NaN, 1],
      [1, 1],
    ]);
    expect(consistencyMatrix([flat, broken], weight)).toBeNull();
  });
});

describe('consistencyOf', () => {
  const { bank, set } = noisyCamera();
  const input = { trainer: createLinearTrainer(INPUTS, DIMENSION), bank, options: fineTuneOptionsFor('euclidean') };
  /** Copies of every fourth probe in which the second of the numbers that tell who it is has become another. */
  const rows = set.probes.map(({ row }) => row).filter((row) => row % 4 === 0);
  const copies = copiesIn(
    {
      sampleSize: INPUTS,
      read: async (samples) => {
        const features = await bank.read(Array.from(samples, (sample) => rows[(sample - 7) / 2]!));
        return features.map((value, i) => (i % INPUTS === 1 ? (value * 7919) % 2 : value));
      },
    },
    { rows, starts: rows.map((_, i) => 7 + 2 * i), kinds: 1 },
  );

  it('finds by copies what an embedding may forget', async () => {
    const matrix = (await consistencyOf({ ...input, copies }, set))!;
    // The trainer begins with the identity.
    const kept = Array.from({ length: DIMENSION }, (_, d) => matrix[d * DIMENSION + d]!);
    expect(kept[1]).toBeLessThan(0.6);
    for (const [d, share] of kept.entries()) if (d !== 1) expect(share).toBeGreaterThan(0.9);
  });

  it.each([
    [400, 800],
    [1001, 1000],
    [3000, 1000],
  ])('asks for a bounded number of faces of %i tracks', async (count, faces) => {
    const crowd = { ...set, tracks: Array.from({ length: count }, (_, i) => set.tracks[i % set.tracks.length]!) };
    let embedded = 0;
    const counting = {
      ...input.trainer,
      embed: async (features: Float32Array) => {
        embedded += features.length / INPUTS;
        return input.trainer.embed(features);
      },
    };
    await consistencyOf({ ...input, trainer: counting, copies }, crowd);
    expect(embedded).toBe(2 * faces);
  });

  it('says nothing without copies, nor of too few', async () => {
    expect(await consistencyOf(input, set)).toBeNull();
    const few = copiesIn(bank, { rows: rows.slice(0, 5), starts: [0, 1, 2, 3, 4], kinds: 1 });
    expect(await consistencyOf({ ...input, copies: few }, set)).toBeNull();
  });
});

describe('CopiedProbes', () => {
  it('chooses a bounded number, spread over all that came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (length) => {
        const track = new CopiedProbes();
        let taken = 0;
        for (let row = 0; row < length; row++) if (track.take(row)) taken += 1;
        const { rows } = track;
        expect(rows.length).toBeGreaterThanOrEqual(Math.min(length, Math.ceil(COPIED_PROBES / 2)));
        expect(rows.length).toBeLessThanOrEqual(COPIED_PROBES);
        expect(rows[0]).toBe(0);
        const gaps = rows.slice(1).map((row, i) => row - rows[i]!);
        expect(new Set(gaps).size).toBeLessThanOrEqual(1);
        expect(length - 1 - rows.at(-1)!).toBeLessThan(gaps[0] ?? 1);
        // What was copied for nothing is bounded too.
        expect(taken).toBeLessThanOrEqual(COPIED_PROBES * (1 + Math.log2(1 + length / COPIED_PROBES)));
      }),
    );
  });
});
