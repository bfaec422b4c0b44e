import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { buildLearningSet } from '../learning/learning-set.ts';
import { observe, range } from '../learning/testing.ts';
import { tailInterval, tailLine, trackImpostors } from './impostor-tail.ts';
import { thresholdForBudget } from './threshold.ts';

function normals(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return 1 + 0.15 * radius * Math.cos(2 * Math.PI * random());
  });
}

describe('tail of the impostor distances', () => {
  it('finds the line of an exponential tail', () => {
    const sorted = Float64Array.from({ length: 5000 }, (_, i) => 2 + 0.1 * Math.log((i + 0.5) / 5000));
    const { intercept, slope } = tailLine(sorted);
    expect(intercept).toBeCloseTo(2, 3);
    expect(slope).toBeCloseTo(0.1, 3);
  });

  it('asks for more likeness than needed, not less, where the true tail falls off faster', () => {
    const many = normals(400_000, 5).sort();
    const budget = { alarmsPerWeek: 1, strangersPerWeek: 100, gallerySize: 100 };
    for (const seed of [1, 2, 3]) {
      const { threshold, certainty } = thresholdForBudget(normals(1000, seed), budget);
      expect(certainty).toBe('extrapolated');
      expect(many.filter((d) => d <= threshold).length / many.length).toBeLessThanOrEqual(1e-4);
    }
  });

  it('keeps the interval above the rate, and wider when few people made the pairs', () => {
    const distances = normals(900, 1);
    const units = {
      unitCount: 60,
      first: Int32Array.from(distances, (_, i) => Math.floor(i / 30)),
      second: Int32Array.from(distances, (_, i) => 30 + (i % 30)),
    };
    // Three people who look alike bring all the close pairs.
    const alike = distances.map((d, i) => (Math.floor(i / 30) < 3 ? d - 0.2 : d));
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 1.2, noNaN: true }), (threshold) => {
        const { rate, high } = tailInterval({ distances, units }, threshold);
        expect(high).toBeGreaterThanOrEqual(rate);
        expect(rate).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
    expect(tailInterval({ distances: alike, units }, 0.6).high).toBeGreaterThan(
      tailInterval({ distances: alike }, 0.6).high,
    );
  });

  it('says when a rate cannot be known', () => {
    const budget = { alarmsPerWeek: 1, strangersPerWeek: 5000, gallerySize: 1000 };
    const choice = thresholdForBudget(normals(200, 1), budget);
    expect(choice).toMatchObject({ certainty: 'unknown', rateAtMost: null, alarmsAtMost: null });
    expect(choice.explanation).toMatch(/takes at least 50,000.*cannot be known yet/);
    const measured = thresholdForBudget(normals(200, 1), { alarmsPerWeek: 5, strangersPerWeek: 10, gallerySize: 10 });
    expect(measured.certainty).toBe('measured');
    expect(measured.alarmsAtMost).toBeGreaterThan(5);
    expect(measured.explanation).toMatch(/at most .* false alarms a week/);
  });
});

describe('trackImpostors', () => {
  it('compares tracks seen together, once from either side, by their best probes', () => {
    const set = buildLearningSet(observe({ a: range(0, 20), b: range(10, 30), c: range(25, 45) }));
    const embeddings = Float32Array.from(set.probes.flatMap(({ track }) => [track * 2, 0]));
    const { distances, units } = trackImpostors(set, embeddings, { dimension: 2 });
    expect([...(distances as number[])]).toEqual([2, 2, 2, 2]);
    expect([...(units.first as number[])]).toEqual([0, 1, 1, 2]);
    expect(units.unitCount).toBe(3);
  });
});
