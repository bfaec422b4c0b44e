import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInterval, rankCorrelation, ranks } from './statistics.ts';

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
    expect(
      rankCorrelation([
        [1, 2],
        [1, 3],
      ]),
    ).toBeNull();
  });
});
