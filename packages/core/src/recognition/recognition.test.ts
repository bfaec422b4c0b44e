import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { type DecisionOptions, decideTrack } from './decision.ts';
import { embeddingDistance, Gallery, type Metric } from './gallery.ts';
import { thresholdForBudget, thresholdForRate, thresholdForStrangers } from './threshold.ts';

const vector = fc
  .array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 })
  .map((v) => Float32Array.from(v));
const metric = fc.constantFrom<Metric[]>('euclidean', 'cosine');

describe('Gallery', () => {
  it('finds exactly what a plain loop finds, also after removals', () => {
    const entry = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), template: vector });
    fc.assert(
      fc.property(metric, fc.array(entry, { maxLength: 20 }), vector, (m, entries, query) => {
        const gallery = new Gallery({ dimension: 3, metric: m });
        for (const { id, template } of entries) gallery.add(id, template);
        gallery.remove('b');
        const best = new Map<string, number>();
        for (const { id, template } of entries.filter((e) => e.id !== 'b')) {
          best.set(id, Math.min(best.get(id) ?? Number.POSITIVE_INFINITY, embeddingDistance(query, template, m)));
        }
        const found = gallery.search(query, 10);
        expect(found.map((f) => f.identityId).sort()).toEqual([...best.keys()].sort());
        for (const { identityId, distance } of found) expect(distance).toBeCloseTo(best.get(identityId)!, 5);
        expect([...found].sort((a, b) => a.distance - b.distance)).toEqual(found);
      }),
    );
  });

  it('can ask several templates of an identity to agree', () => {
    const gallery = new Gallery({ dimension: 1, metric: 'euclidean', nearest: 2 });
    for (const v of [1, 3, 9]) gallery.add('a', Float32Array.of(v));
    gallery.add('b', Float32Array.of(1.5));
    expect(gallery.search(Float32Array.of(0))).toEqual([
      { identityId: 'b', distance: 1.5 },
      { identityId: 'a', distance: 2 },
    ]);
  });

  it('forgets an identity altogether', () => {
    const gallery = new Gallery({ dimension: 2, metric: 'euclidean' });
    gallery.add('a', Float32Array.of(1, 1));
    gallery.add('b', Float32Array.of(2, 2));
    gallery.add('a', Float32Array.of(3, 3));
    expect([...gallery.impostorDistances()].length).toBe(2);
    expect(gallery.remove('a')).toBe(2);
    expect(gallery.remove('a')).toBe(0);
    expect(gallery.identityIds).toEqual(['b']);
    expect(gallery.templateCount).toBe(1);
    expect(gallery.search(Float32Array.of(1, 1))).toHaveLength(1);
  });

  it('refuses embeddings of another model or with broken values', () => {
    const gallery = new Gallery({ dimension: 2, metric: 'cosine' });
    expect(() => gallery.add('a', Float32Array.of(1))).toThrow(/is 1 long/);
    expect(() => gallery.search(Float32Array.of(1, Number.NaN))).toThrow(/not numbers/);
  });
});

describe('decideTrack', () => {
  const options: DecisionOptions = { threshold: 0.5, margin: 0.2, minProbes: 2, minQuality: 0.3 };
  const gallery = new Gallery({ dimension: 2, metric: 'euclidean' });
  gallery.add('a', Float32Array.of(0, 0));
  gallery.add('b', Float32Array.of(1, 0));
  const probe = (x: number, quality = 0.9) => ({ embedding: Float32Array.of(x, 0), quality });

  it('waits for enough good probes', () => {
    expect(decideTrack([probe(0), probe(0, 0.1)], gallery, options)).toEqual({
      kind: 'undecided',
      goodProbes: 1,
      neededProbes: 2,
    });
  });

  it('names a clear match, and says unknown when nobody or two people are near', () => {
    expect(decideTrack([probe(0.1), probe(0.1)], gallery, options)).toMatchObject({
      kind: 'recognised',
      identityId: 'a',
    });
    expect(decideTrack([probe(-2), probe(-2)], gallery, options)).toMatchObject({ kind: 'unknown', reason: 'too-far' });
    expect(decideTrack([probe(0.49), probe(0.49)], gallery, options)).toMatchObject({
      kind: 'unknown',
      reason: 'ambiguous',
      best: { identityId: 'a' },
      runnerUp: { identityId: 'b' },
    });
    const empty = new Gallery({ dimension: 2, metric: 'euclidean' });
    expect(decideTrack([probe(0), probe(0)], empty, options)).toMatchObject({ reason: 'empty-gallery', best: null });
  });

  it('decides the same when a version makes all distances longer', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.constantFrom(0.25, 2, 8), (x, scale) => {
        const longer = new Gallery({ dimension: 2, metric: 'euclidean' });
        longer.add('a', Float32Array.of(0, 0));
        longer.add('b', Float32Array.of(scale, 0));
        const kindOf = (g: Gallery, at: number, threshold: number) =>
          decideTrack([probe(at), probe(at)], g, { ...options, threshold }).kind;
        expect(kindOf(longer, Math.fround(x) * scale, 0.5 * scale)).toBe(kindOf(gallery, Math.fround(x), 0.5));
      }),
    );
  });

  it('lets the best probes speak, not the many bad ones', () => {
    const blurred = Array.from({ length: 50 }, () => probe(1, 0.31));
    const sharp = Array.from({ length: 5 }, () => probe(0, 0.9));
    expect(decideTrack([...blurred, ...sharp], gallery, options)).toMatchObject({ identityId: 'a' });
  });

  it('never names anybody past the threshold, and never with a threshold that is not a number', () => {
    fc.assert(
      fc.property(
        metric,
        fc.array(vector, { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0, max: 2 }),
        (m, vs, t) => {
          const g = new Gallery({ dimension: 3, metric: m });
          g.add('a', Float32Array.of(1, 2, 3));
          g.add('b', Float32Array.of(-1, 0, 2));
          const probes = vs.map((embedding) => ({ embedding, quality: 0.5 }));
          const decision = decideTrack(probes, g, { ...options, threshold: t });
          if (decision.kind === 'recognised') {
            expect(decision.distance).toBeLessThanOrEqual(t);
            expect(decision.runnerUp!.distance - decision.distance).toBeGreaterThanOrEqual(options.margin * t);
          }
          expect(decideTrack(probes, g, { ...options, threshold: Number.NaN }).kind).toBe('unknown');
          expect(decideTrack(probes, g, { ...options, margin: Number.NaN }).kind).toBe('unknown');
        },
      ),
    );
  });
});

describe('threshold', () => {
  it('without a budget lets one track in ten come as near to somebody it is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 50, maxLength: 200 }),
        (runnerUps) => {
          const { threshold } = thresholdForStrangers(runnerUps)!;
          const nearer = runnerUps.filter((d) => d < threshold).length;
          const notFarther = runnerUps.filter((d) => d <= threshold).length;
          expect(nearer).toBeLessThanOrEqual(0.1 * runnerUps.length);
          expect(notFarther).toBeGreaterThan(0.1 * runnerUps.length - 1);
        },
      ),
    );
    expect(thresholdForStrangers(Array.from({ length: 49 }, () => 1))).toBeNull();
    expect(thresholdForStrangers([...Array.from({ length: 49 }, () => 1), Number.NaN])).toBeNull();
  });

  it('keeps the share of accepted impostors within the rate', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 20, maxLength: 200 }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (distances, rate) => {
          const { threshold, extrapolated } = thresholdForRate(distances, rate);
          const accepted = distances.filter((d) => d <= threshold).length;
          if (extrapolated)
            expect(accepted).toBeLessThanOrEqual(distances.filter((d) => d === Math.min(...distances)).length);
          else expect(accepted / distances.length).toBeLessThanOrEqual(rate + 1e-9);
        },
      ),
    );
  });

  it('tightens as the budget shrinks, beyond what the sample has seen', () => {
    const random = createRandom(1);
    const sample = Array.from(
      { length: 2000 },
      () => 1 + Math.sqrt(-2 * Math.log(random())) * Math.cos(6.283 * random()) * 0.15,
    );
    const thresholds = [100, 1, 0.01].map(
      (alarmsPerWeek) =>
        thresholdForBudget(sample, { alarmsPerWeek, strangersPerWeek: 1000, gallerySize: 50 }).threshold,
    );
    expect(thresholds[0]!).toBeGreaterThan(thresholds[1]!);
    expect(thresholds[1]!).toBeGreaterThan(thresholds[2]!);
    expect(thresholds[2]!).toBeGreaterThan(0);
    const choice = thresholdForBudget(sample, { alarmsPerWeek: 1, strangersPerWeek: 1000, gallerySize: 50 });
    expect(choice.extrapolated).toBe(true);
    expect(choice.explanation).toMatch(/one in 50,000 comparisons/);
  });

  it('refuses a budget or a sample it cannot work with', () => {
    const sample = Array.from({ length: 30 }, (_, i) => i + 1);
    expect(() => thresholdForBudget(sample, { alarmsPerWeek: 0, strangersPerWeek: 10, gallerySize: 1 })).toThrow(
      /no rate/,
    );
    expect(() => thresholdForRate(sample.slice(0, 5), 0.1)).toThrow(/from 5 impostor distances/);
    expect(() => thresholdForRate(sample, Number.NaN)).toThrow(/NaN/);
  });
});
