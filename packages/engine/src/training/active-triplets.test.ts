import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeTriplets, tripletExcess } from './active-triplets.ts';
import { pickTriplets } from './micro-batches.ts';

// Two triplets in two dimensions: anchors, positives, negatives.
const embeddings = Float32Array.of(0, 0, 3, 0, 1, 0, 3, 0, 0, 2, 0, 4);

describe('triplets with a loss', () => {
  it('are those whose negative is not farther than the positive by the margin', () => {
    const excess = tripletExcess(embeddings, { triplets: 2, metric: 'euclidean', margin: 3.5 });
    expect([...excess]).toEqual([1 - 4 + 3.5, 0 - 25 + 3.5]);
    expect(activeTriplets(excess)).toEqual([0]);
  });

  it('do not depend on the lengths of embeddings that are compared by angle', () => {
    const of = (scale: number) =>
      tripletExcess(
        embeddings.map((value, i) => value * (i < 4 ? scale : 1)),
        { triplets: 2, metric: 'cosine', margin: 0.1 },
      );
    expect(of(7)[1]).toBeCloseTo(of(1)[1]!, 6);
    // |a - n|^2 of vectors at right angles is 2.
    expect(of(1)[1]).toBeCloseTo(0 - 2 + 0.1, 6);
  });

  it('include those that are no numbers, and those that rounding could make one', () => {
    expect(activeTriplets(Float64Array.of(Number.NaN, -1e-6, -1, 0.2))).toEqual([0, 1, 3]);
  });

  it('stay together when some are picked', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(9), { minLength: 1 }), (picked) => {
        // Sample i of role r holds r * 100 + i, twice.
        const batch = Float32Array.from(
          { length: 60 },
          (_, at) => Math.floor(at / 20) * 100 + (Math.floor(at / 2) % 10),
        );
        const own = pickTriplets(batch, 2, picked);
        expect(own).toHaveLength(6 * picked.length);
        picked.forEach((triplet, i) => {
          for (const role of [0, 1, 2])
            expect([...own.subarray(2 * (role * picked.length + i)).slice(0, 2)]).toEqual(
              Array(2).fill(role * 100 + triplet),
            );
        });
      }),
    );
  });
});
