import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapDifference, bootstrapInterval } from './bootstrap.ts';
import { fnirAtFpir, identificationReport } from './identification.ts';
import { buildPairs, pairDistances } from './pairs.ts';
import { createRandom } from './random.ts';
import {
  areaUnderCurve,
  bestBalancedAccuracy,
  equalErrorRate,
  rocPoints,
  sortPairs,
  tarAtFar,
  verificationReport,
} from './verification.ts';

const distances = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 });

/** Straight from the definitions, one threshold at a time. */
function oracle(genuine: number[], impostor: number[]) {
  const thresholds = [-1, ...genuine, ...impostor];
  const rates = thresholds.map((t) => ({
    tar: genuine.filter((d) => d <= t).length / genuine.length,
    far: impostor.filter((d) => d <= t).length / impostor.length,
  }));
  let auc = 0;
  for (const g of genuine) for (const i of impostor) auc += g < i ? 1 : g === i ? 0.5 : 0;
  return {
    accuracy: Math.max(...rates.map((r) => (r.tar + 1 - r.far) / 2)),
    auc: auc / (genuine.length * impostor.length),
    tarAt: (far: number) => Math.max(...rates.filter((r) => r.far <= far).map((r) => r.tar)),
  };
}

describe('verification metrics', () => {
  it('agree with their definitions, ties included', () => {
    fc.assert(
      fc.property(distances, distances, fc.constantFrom(0, 0.05, 0.1, 0.5, 1), (genuine, impostor, far) => {
        const pairs = sortPairs({ genuine, impostor });
        const truth = oracle(genuine, impostor);
        const best = bestBalancedAccuracy(pairs);
        expect(best.accuracy).toBeCloseTo(truth.accuracy, 10);
        expect(areaUnderCurve(pairs)).toBeCloseTo(truth.auc, 10);
        const at = tarAtFar(pairs, far);
        expect(at.tar).toBeCloseTo(truth.tarAt(far), 10);
        expect(at.far).toBeLessThanOrEqual(far);
        // The thresholds handed out reach what they promise.
        const tar = genuine.filter((d) => d <= best.threshold).length / genuine.length;
        const accepted = impostor.filter((d) => d <= best.threshold).length / impostor.length;
        expect((tar + 1 - accepted) / 2).toBeCloseTo(best.accuracy, 10);
        expect(genuine.filter((d) => d <= at.threshold).length / genuine.length).toBeCloseTo(at.tar, 10);
      }),
    );
  });

  it('give 1 and 0 error for separated pairs, and half for identical ones', () => {
    const apart = verificationReport({ genuine: [0.1, 0.2], impostor: [0.8, 0.9] });
    expect(apart).toMatchObject({ balancedAccuracy: 1, auc: 1, eer: 0, tarAtFar1e3: 1 });
    expect(apart.threshold).toBeCloseTo(0.5);
    const same = verificationReport({ genuine: [1, 1], impostor: [1, 1] });
    expect(same).toMatchObject({ balancedAccuracy: 0.5, auc: 0.5, eer: 0.5 });
  });

  it('interpolate the equal error rate', () => {
    expect(equalErrorRate(sortPairs({ genuine: [1, 2, 3, 6], impostor: [4, 5, 7, 8] }))).toBeCloseTo(0.25);
    expect(equalErrorRate(sortPairs({ genuine: [1, 4], impostor: [2, 3] }))).toBeCloseTo(0.5);
  });

  it('count weights as repeated pairs', () => {
    fc.assert(
      fc.property(distances, distances, fc.integer({ min: 0, max: 1000 }), (genuine, impostor, seed) => {
        const random = createRandom(seed);
        const weights = [...genuine, ...impostor].map(() => 1 + Math.floor(random() * 3));
        const repeated = sortPairs({
          genuine: genuine.flatMap((d, i) => new Array<number>(weights[i]!).fill(d)),
          impostor: impostor.flatMap((d, i) => new Array<number>(weights[genuine.length + i]!).fill(d)),
        });
        const pairs = sortPairs({ genuine, impostor });
        expect(areaUnderCurve(pairs, weights)).toBeCloseTo(areaUnderCurve(repeated), 10);
        expect(equalErrorRate(pairs, weights)).toBeCloseTo(equalErrorRate(repeated), 10);
        expect(bestBalancedAccuracy(pairs, weights).accuracy).toBeCloseTo(bestBalancedAccuracy(repeated).accuracy, 10);
      }),
    );
  });

  it('draw an ROC that rises from nothing to everything', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, impostor) => {
        const points = rocPoints(sortPairs({ genuine, impostor }), 10);
        expect(points.length).toBeLessThanOrEqual(10);
        expect(points[0]).toMatchObject({ far: 0, tar: 0 });
        expect(points.at(-1)).toMatchObject({ far: 1, tar: 1 });
        for (let i = 1; i < points.length; i++) {
          expect(points[i]!.far).toBeGreaterThanOrEqual(points[i - 1]!.far);
          expect(points[i]!.tar).toBeGreaterThanOrEqual(points[i - 1]!.tar);
        }
      }),
    );
  });

  it('refuse empty sides and distances that are not numbers', () => {
    expect(() => sortPairs({ genuine: [], impostor: [1] })).toThrow(/0 and 1/);
    expect(() => sortPairs({ genuine: [Number.NaN], impostor: [1] })).toThrow(/pair 0/);
  });
});

describe('bootstrap', () => {
  const random = createRandom(7);
  const genuine = Array.from({ length: 300 }, () => random() * 0.8);
  const impostor = Array.from({ length: 300 }, () => 0.4 + random() * 0.8);
  const pairs = sortPairs({ genuine, impostor });
  const accuracy = (p: typeof pairs, w?: ArrayLike<number>) => bestBalancedAccuracy(p, w).accuracy;

  it('is repeatable by seed and contains the value', () => {
    const a = bootstrapInterval(pairs, accuracy, { seed: 3, resamples: 200 });
    expect(a).toEqual(bootstrapInterval(pairs, accuracy, { seed: 3, resamples: 200 }));
    expect(a.low).toBeLessThan(a.value);
    expect(a.high).toBeGreaterThan(a.value);
  });

  it('is wider when whole people are drawn, as pairs of one person move together', () => {
    const people = 6;
    const shift = Array.from({ length: people }, (_, p) => p * 0.12);
    const first = Array.from({ length: 300 }, (_, i) => i % people);
    const second = Array.from({ length: 300 }, (_, i) => (i + 1) % people);
    const clustered = sortPairs({ genuine: genuine.map((d, i) => d + shift[first[i]!]!), impostor });
    const byPair = bootstrapInterval(clustered, accuracy, { resamples: 200 });
    const byPerson = bootstrapInterval(clustered, accuracy, {
      resamples: 200,
      units: { unitCount: people, first: [...first, ...first], second: [...first, ...second] },
    });
    expect(byPerson.high - byPerson.low).toBeGreaterThan(byPair.high - byPair.low);
  });

  it('sees a clear win, and sees no win of a model over itself', () => {
    const better = sortPairs({ genuine: genuine.map((d) => d * 0.7), impostor });
    const win = bootstrapDifference({ before: pairs, after: better }, accuracy, { resamples: 200 });
    expect(win.low).toBeGreaterThan(0);
    expect(win.pNotBetter).toBe(0);
    const none = bootstrapDifference({ before: pairs, after: pairs }, accuracy, { resamples: 200 });
    expect(none).toMatchObject({ value: 0, low: 0, high: 0, pNotBetter: 1 });
  });
});

describe('pairs', () => {
  it('match one person only across the gap, and never an unlabelled face', () => {
    const samples = [
      { identity: 'a', frame: 0 },
      { identity: 'a', frame: 19 },
      { identity: 'a', frame: 20 },
      { identity: 'b', frame: 0 },
      { identity: null, frame: 40 },
    ];
    const { genuine, impostor } = buildPairs(samples);
    expect([[...genuine.a], [...genuine.b]]).toEqual([[0], [2]]);
    expect(impostor.a.length).toBe(3);
    const all = pairDistances(Float32Array.of(0, 0, 3, 4, 0, 0, 0, 0, 0, 0), 2, { a: [0, 0], b: [1, 2] });
    expect([...all]).toEqual([5, 0]);
  });

  it('stay within the limit and are drawn evenly', () => {
    const samples = Array.from({ length: 60 }, (_, i) => ({ identity: i % 3, frame: i * 30 }));
    const { genuine, impostor } = buildPairs(samples, { maxPairs: 100, seed: 5 });
    expect(genuine.a.length).toBe(100);
    expect(impostor.a.length).toBe(100);
    expect(new Set(impostor.a).size).toBeGreaterThan(30);
  });
});

describe('identification', () => {
  const searches = [
    { mated: true, correct: true, distance: 0.2 },
    { mated: true, correct: true, distance: 0.5 },
    { mated: true, correct: false, distance: 0.3 },
    { mated: false, correct: false, distance: 0.4 },
    { mated: false, correct: false, distance: 0.9 },
  ];
  it('reports rank-1 and the misses at a false alarm rate', () => {
    expect(identificationReport(searches)).toEqual({ mated: 3, nonMated: 2, rank1: 2 / 3 });
    expect(fnirAtFpir(searches, 0)).toEqual({ fnir: 1 - 1 / 3, fpir: 0, threshold: 0.4 });
    expect(fnirAtFpir(searches, 0.5)).toEqual({ fnir: 1 - 2 / 3, fpir: 0.5, threshold: 0.9 });
    expect(() => fnirAtFpir(searches.slice(0, 3), 0)).toThrow(/3 and 0/);
  });
});
