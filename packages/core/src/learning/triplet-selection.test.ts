import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { buildLearningSet } from './learning-set.ts';
import { observe, range } from './testing.ts';
import { allTriplets, selectTriplets, trackCap } from './triplet-selection.ts';
import { generateTriplets } from './triplets.ts';

const set = buildLearningSet(
  observe({ long: range(0, 200), short: range(0, 20), third: range(100, 130) }).map((o, i) => ({
    ...o,
    quality: (i % 10) / 10,
  })),
);
const random = createRandom(3);
const values = Float32Array.from(set.probes.flatMap(({ track }) => [track * 0.5 + random(), random()]));
const embedded = { values, dimension: 2, metric: 'euclidean' as const };
const triplets = generateTriplets(set, values, { dimension: 2, negatives: 'co-occurring' });
const of = { set, embedded, margin: 0.2 };
const trackOf = (p: number) => set.probes[p]!.track;

describe('selectTriplets', () => {
  it('takes all of them in another order when everything is off', () => {
    const chosen = selectTriplets(triplets, { ...of, random: createRandom(1) }, allTriplets);
    expect([...chosen.anchor].sort((a, b) => a - b)).toEqual([...triplets.anchor].sort((a, b) => a - b));
    expect([...chosen.anchor]).not.toEqual([...triplets.anchor]);
  });

  it('keeps the share of every track bounded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (counts, share) => {
          const cap = trackCap(counts, share);
          const left = counts.map((n) => Math.min(n, cap));
          const total = left.reduce((a, b) => a + b, 0);
          const bound = Math.max(share, 1 / counts.length);
          // One triplet a track is the least there can be.
          if (cap > 1) for (const n of left) expect(n / total).toBeLessThanOrEqual(bound + 1e-6);
          expect(left.every((n) => n > 0)).toBe(true);
        },
      ),
    );
    const chosen = selectTriplets(triplets, { ...of, random: createRandom(1) }, { ...allTriplets, maxTrackShare: 0.4 });
    const counts = [0, 0, 0];
    for (const a of chosen.anchor) counts[trackOf(a)]! += 1;
    for (const n of counts) expect(n / chosen.anchor.length).toBeLessThanOrEqual(0.4);
  });

  it('keeps triplets whole and those that still teach, whatever the options', () => {
    const options = fc.record({
      maxTrackShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
      qualityPower: fc.double({ min: 0, max: 4, noNaN: true }),
      slack: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: null }),
      maxTriplets: fc.option(fc.integer({ min: 1, max: 300 }), { nil: null }),
    });
    const whole = new Set(
      Array.from(triplets.anchor, (a, i) => [a, triplets.positive[i], triplets.negative[i]].join()),
    );
    const squared = (a: number, b: number) =>
      (values[2 * a]! - values[2 * b]!) ** 2 + (values[2 * a + 1]! - values[2 * b + 1]!) ** 2;
    fc.assert(
      fc.property(options, fc.integer(), (choice, seed) => {
        const { anchor, positive, negative } = selectTriplets(triplets, { ...of, random: createRandom(seed) }, choice);
        anchor.forEach((a, i) => {
          expect(whole.has([a, positive[i], negative[i]].join())).toBe(true);
          if (choice.slack === null) return;
          const violation = squared(a, positive[i]!) - squared(a, negative[i]!) + 0.2 * (1 + choice.slack);
          expect(violation).toBeGreaterThan(-1e-6);
        });
        if (choice.maxTriplets !== null) expect(anchor.length).toBeLessThanOrEqual(choice.maxTriplets);
      }),
    );
  });

  it('prefers good faces', () => {
    const chosen = selectTriplets(triplets, { ...of, random: createRandom(1) }, { ...allTriplets, qualityPower: 2 });
    const mean = (anchors: Int32Array) => anchors.reduce((sum, p) => sum + set.probes[p]!.quality, 0) / anchors.length;
    expect(mean(chosen.anchor)).toBeGreaterThan(mean(triplets.anchor));
    expect(chosen.anchor.length).toBeGreaterThan(0);
  });
});
