import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RelativeAdam } from './adam.ts';

describe('RelativeAdam', () => {
  it('takes the first step against the gradient, a share of what the weights are like whatever the gradient is like', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
        (size, slope) => {
          const weights = new Map([['w', Float32Array.of(size, -size)]]);
          new RelativeAdam(weights).update(weights, new Map([['w', Float32Array.of(slope, -slope)]]), 0.01);
          const [first, second] = weights.get('w')!;
          expect(first! / size).toBeCloseTo(0.99, 4);
          expect(second! / size).toBeCloseTo(-0.99, 4);
        },
      ),
    );
  });

  it('finds the bottom of a valley that is steep in one direction and flat in the other', () => {
    const weights = new Map([
      ['w', Float32Array.of(1, 1)],
      ['still', Float32Array.of(3)],
    ]);
    const adam = new RelativeAdam(weights);
    for (let step = 0; step < 400; step++) {
      const [a, b] = weights.get('w')!;
      adam.update(
        weights,
        new Map([['w', Float32Array.of(1000 * (a! - 2), 0.01 * (b! - 0.5))]]),
        0.02 * (1 - step / 400),
      );
    }
    expect(weights.get('w')![0]).toBeCloseTo(2, 1);
    expect(weights.get('w')![1]).toBeCloseTo(0.5, 1);
    expect(weights.get('still')).toEqual(Float32Array.of(3));
  });

  it('moves offsets that are all 0', () => {
    const weights = new Map([['offset', new Float32Array(2)]]);
    new RelativeAdam(weights).update(weights, new Map([['offset', Float32Array.of(1, -1)]]), 0.1);
    expect(weights.get('offset')![0]).toBeLessThan(0);
    expect(weights.get('offset')![1]).toBeGreaterThan(0);
  });
});
