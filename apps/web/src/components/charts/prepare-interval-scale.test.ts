import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareIntervalScale } from './prepare-interval-scale.ts';

describe('prepareIntervalScale', () => {
  it('frames the data with round figures', () => {
    const scale = prepareIntervalScale([
      { label: 'Base', value: 0.91, low: 0.895, high: 0.925 },
      { label: 'Now', value: 0.962, low: 0.951, high: 0.973 },
    ]);
    expect([scale.from, scale.to]).toEqual([0.88, 0.98]);
    expect(scale.ticks).toEqual([0.88, 0.9, 0.92, 0.94, 0.96, 0.98]);
  });

  it('treats a missing interval as the estimate alone', () => {
    const [only] = prepareIntervalScale([{ label: 'Base', value: 0.9, low: null, high: null }]).intervals;
    expect(only.lowAt).toBe(only.at);
    expect(only.highAt).toBe(only.at);
  });

  it('has a scale with room even at a perfect score', () => {
    const scale = prepareIntervalScale([{ label: 'Now', value: 1, low: 1, high: 1 }]);
    expect(scale.from).toBeLessThan(1);
    expect(scale.intervals[0].at).toBe(1);
  });

  it('keeps everything between the ends, in order', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share, share), { minLength: 1, maxLength: 6 }), (triples) => {
        const intervals = triples.map((t) => {
          const [low, value, high] = [...t].sort((a, b) => a - b);
          return { label: 'x', low, value, high };
        });
        for (const i of prepareIntervalScale(intervals).intervals) {
          expect(i.lowAt).toBeGreaterThanOrEqual(-1e-6);
          expect(i.highAt).toBeLessThanOrEqual(1 + 1e-6);
          expect(i.lowAt).toBeLessThanOrEqual(i.at);
          expect(i.at).toBeLessThanOrEqual(i.highAt);
        }
      }),
    );
  });
});
