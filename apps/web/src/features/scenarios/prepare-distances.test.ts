import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareDistances, sharesAt, type TrackDistances } from './prepare-distances.ts';

const distance = fc.double({ min: 0, max: 3, noNaN: true });
const track: fc.Arbitrary<TrackDistances> = fc
  .tuple(distance, fc.option(distance))
  .map(([a, b]) => (b === null ? { nearest: a, second: null } : { nearest: Math.min(a, b), second: Math.max(a, b) }));
const tracks = fc.array(track, { minLength: 1, maxLength: 80 });
const threshold = fc.double({ min: 0.01, max: 3, noNaN: true });

describe('prepareDistances', () => {
  it('counts every track once, and ends on the axis', () => {
    fc.assert(
      fc.property(tracks, threshold, (seen, at) => {
        const { bins, to } = prepareDistances(seen, at);
        const sum = (of: 'nearest' | 'second') => bins.reduce((total, bin) => total + bin[of], 0);
        expect(sum('nearest')).toBe(seen.length);
        expect(sum('second')).toBe(seen.filter(({ second }) => second !== null).length);
        expect(bins.at(-1)).toEqual({ from: expect.closeTo(to, 9), nearest: 0, second: 0 });
      }),
    );
  });

  it('has the threshold and room beside it on a scale of round steps', () => {
    const { to, step } = prepareDistances([{ nearest: 0.31, second: 0.62 }], 0.6);
    expect(step).toBeCloseTo(0.004, 9);
    expect(to).toBeCloseTo(0.8, 9);
    fc.assert(
      fc.property(tracks, threshold, (seen, at) => {
        expect(prepareDistances(seen, at).to).toBeGreaterThan(at * 1.24);
      }),
    );
  });

  it('makes a scale of nothing', () => {
    expect(prepareDistances([], 0).to).toBeCloseTo(1, 9);
  });
});

describe('sharesAt', () => {
  const seen = [
    { nearest: 0.2, second: 0.7 },
    { nearest: 0.4, second: 0.41 },
    { nearest: 0.5, second: null },
    { nearest: 0.9, second: 1 },
  ];

  it('decides as the edge does', () => {
    expect(sharesAt(seen, { threshold: 0.5, margin: 0.1 })).toEqual({
      named: 0.5,
      ambiguous: 0.25,
      seconds: 3,
      secondWithin: 1 / 3,
    });
    expect(sharesAt(seen.slice(2, 3), { threshold: 0.5, margin: 0.1 }).seconds).toBe(0);
    expect(sharesAt([], { threshold: 0.5, margin: 0 })).toEqual({
      named: 0,
      ambiguous: 0,
      seconds: 0,
      secondWithin: 0,
    });
  });

  it('lets nobody go who was within a stricter one, where no margin is asked', () => {
    fc.assert(
      fc.property(tracks, threshold, threshold, (seen, a, b) => {
        const [strict, loose] = [a, b].sort((x, y) => x - y);
        const at = (t: number) => sharesAt(seen, { threshold: t, margin: 0 });
        expect(at(strict).named).toBeLessThanOrEqual(at(loose).named);
        expect(at(strict).secondWithin).toBeLessThanOrEqual(at(loose).secondWithin);
      }),
    );
  });
});
