import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlation, meanInterval, rankCorrelation, ranks } from './statistics.ts';

describe('statistics of the experiments', () => {
  it('gives the interval of a mean from few values', () => {
    const { mean, low, high } = meanInterval([1, 2, 3]);
    expect(mean).toBe(2);
    expect(high! - mean).toBeCloseTo(4.303 / Math.sqrt(3), 3);
    expect(mean - low!).toBeCloseTo(high! - mean, 9);
    expect(meanInterval([5])).toEqual({ mean: 5, low: null, high: null });
  });

  it('ranks with shared places', () => {
    expect(ranks([10, 30, 10, 20])).toEqual([1.5, 4, 1.5, 3]);
  });

  it('correlates ranks: 1 for any rising curve, -1 for any falling one', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(distinct, (xs) => {
        expect(rankCorrelation(xs.map((x) => [x, x ** 3]))).toBeCloseTo(1, 9);
        expect(rankCorrelation(xs.map((x) => [x, -Math.exp(x / 10)]))).toBeCloseTo(-1, 9);
      }),
    );
    const line = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(distinct, line, (xs, [slope, at]) => {
        expect(correlation(xs.map((x) => [x, slope * x + at]))).toBeCloseTo(1, 9);
        expect(correlation(xs.map((x) => [x, at - slope * x]))).toBeCloseTo(-1, 9);
      }),
    );
    // One that stands out and some that are all alike: their order says little, the distance says much.
    const plateau = [
      [0, 0],
      [10, 11],
      [11, 10],
      [12, 10.5],
      [10.5, 11.5],
    ] as const;
    expect(rankCorrelation(plateau)).toBeLessThan(0.3);
    expect(correlation(plateau)).toBeGreaterThan(0.95);
    expect(
      rankCorrelation([
        [1, 2],
        [1, 3],
      ]),
    ).toBeNull();
  });
});
