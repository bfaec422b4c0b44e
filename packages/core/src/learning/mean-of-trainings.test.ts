import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { shareOfMean } from './mean-of-trainings.ts';

describe('shareOfMean', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const count = fc.integer({ min: 1, max: 20 });

  it('leaves one training as it is, and never goes back nor beyond the whole way', () => {
    fc.assert(
      fc.property(share, (s) => {
        expect(shareOfMean(s, 1)).toBeCloseTo(s, 12);
      }),
    );
    fc.assert(
      fc.property(share, count, (s, n) => {
        expect(shareOfMean(s, n)).toBeGreaterThanOrEqual(s - 1e-12);
        expect(shareOfMean(s, n)).toBeLessThanOrEqual(1);
        expect(shareOfMean(s, n + 1)).toBeGreaterThanOrEqual(shareOfMean(s, n) - 1e-12);
      }),
    );
  });

  it('is where a mean of noisy estimates comes closest, when the share is where one does', () => {
    const random = createRandom(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const dimension = 20_000;
    const truth = Float64Array.from({ length: dimension }, normal);
    const estimates = Array.from({ length: 4 }, () => truth.map((value) => value + 1.5 * normal()));
    const mean = truth.map((_, i) => estimates.reduce((sum, estimate) => sum + estimate[i]! / estimates.length, 0));
    /** The multiple of an estimate that is nearest to the truth. */
    const best = (estimate: Float64Array) =>
      estimate.reduce((sum, value, i) => sum + value * truth[i]!, 0) /
      estimate.reduce((sum, value) => sum + value * value, 0);
    expect(shareOfMean(best(estimates[0]!), estimates.length)).toBeCloseTo(best(mean), 1);
  });
});
