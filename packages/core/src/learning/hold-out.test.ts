import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { enrolmentAccuracy, judgeCandidate } from './gate.ts';
import { buildScorePairs, compareModels, labelFreeScore } from './label-free-score.ts';
import { buildLearningSet, type LearningSet, subset } from './learning-set.ts';
import { crossSplits, timeBlocks, withinBlocks } from './split.ts';
import { observe, range } from './testing.ts';

/** Eight people, two at a time, each 60 frames long. */
const plan = Object.fromEntries(
  range(0, 8).map((p) => [`p${p}`, range(Math.floor(p / 2) * 60, Math.floor(p / 2) * 60 + 60)]),
);
const people = buildLearningSet(observe(plan));

/** Embeddings in which tracks are `signal` apart per unit of noise. */
function embed(set: LearningSet, signal: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from(set.probes.flatMap(({ track }) => [track * signal + random(), random()]));
}

describe('buildLearningSet', () => {
  it('drops short tracks, orders by time and notes who was seen together', () => {
    const set = buildLearningSet(observe({ b: range(5, 20), a: range(0, 15), short: range(0, 9), c: range(40, 55) }));
    expect(set.tracks.map((t) => t.key)).toEqual(['a', 'b', 'c']);
    expect(set.tracks.map((t) => t.strangers)).toEqual([[1], [0], []]);
    const part = subset(set, (t) => t.key !== 'a');
    expect(part.tracks.map((t) => t.strangers)).toEqual([[], []]);
    expect(part.probes.map((p) => p.row)).toEqual([...range(0, 15), ...range(39, 54)]);
  });
});

describe('crossSplits', () => {
  it('holds each track out once, together with those that ended around the same time', () => {
    const stretch = fc.record({ from: fc.integer({ min: 0, max: 200 }), length: fc.integer({ min: 10, max: 60 }) });
    const plans = fc.array(stretch, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 5 }), (stretches, parts) => {
        const set = buildLearningSet(
          observe(Object.fromEntries(stretches.map(({ from, length }, i) => [`t${i}`, range(from, from + length)]))),
        );
        const blocks = timeBlocks(set, parts);
        const splits = crossSplits(set, blocks);
        const all = set.tracks.map((t) => t.key).sort();
        const held = splits.flatMap(({ heldOut }) => heldOut.tracks.map((t) => t.key));
        expect(held.sort()).toEqual(splits.length > 1 ? all : []);
        const ends = (s: LearningSet) => s.tracks.map((t) => s.probes[t.probes.at(-1)!]!.time);
        let newest = Number.NEGATIVE_INFINITY;
        for (const { training, heldOut } of splits) {
          expect(training.tracks.length).toBeGreaterThan(0);
          expect([...training.tracks, ...heldOut.tracks].map((t) => t.key).sort()).toEqual(all);
          if (splits.length > 1) expect(Math.min(...ends(heldOut))).toBeGreaterThanOrEqual(newest);
          newest = Math.max(newest, ...ends(heldOut));
        }
        for (const [t, { strangers }] of withinBlocks(set, blocks).tracks.entries())
          expect(strangers).toEqual(set.tracks[t]!.strangers.filter((s) => blocks[s] === blocks[t]));
      }),
    );
  });

  it('makes parts of about as many probes', () => {
    const held = crossSplits(people, timeBlocks(people, 4)).map(({ heldOut }) => heldOut.tracks.map((t) => t.key));
    expect(held).toEqual([
      ['p0', 'p1'],
      ['p2', 'p3'],
      ['p4', 'p5'],
      ['p6', 'p7'],
    ]);
  });
});

describe('label-free score', () => {
  it('takes far-apart probes of one track against tracks seen together', () => {
    const pairs = buildScorePairs(people)!;
    for (const [a, b] of pairs.genuine) {
      expect(people.probes[a]!.track).toBe(people.probes[b]!.track);
      expect(people.probes[b]!.frame - people.probes[a]!.frame).toBeGreaterThanOrEqual(20);
    }
    for (const [a, b] of pairs.impostor) {
      expect(people.tracks[people.probes[a]!.track]!.strangers).toContain(people.probes[b]!.track);
    }
    const sameFrame = buildScorePairs(people, { impostors: 'same-frame' })!;
    for (const [a, b] of sameFrame.impostor) expect(people.probes[a]!.moment).toBe(people.probes[b]!.moment);
    expect(buildScorePairs(buildLearningSet(observe({ a: range(0, 60) })))).toBeNull();
  });

  it('agrees with the truth it cannot see: better embeddings score higher', () => {
    const pairs = buildScorePairs(people)!;
    const score = (signal: number) => labelFreeScore(pairs, embed(people, signal), { dimension: 2, resamples: 100 });
    expect(score(0.2).accuracy).toBeLessThan(score(0.6).accuracy);
    expect(score(3)).toMatchObject({ accuracy: 1, auc: 1, tarAtFar1e2: 1 });
    const models = { before: embed(people, 0.2), after: embed(people, 0.8) };
    expect(compareModels(pairs, models, { dimension: 2, resamples: 200 }).accuracy.low).toBeGreaterThan(0);
  });
});

describe('judgeCandidate', () => {
  const pairs = buildScorePairs(people)!;
  const input = {
    pairs,
    champion: embed(people, 0.3),
    candidate: embed(people, 1.2, 2),
    enrolment: { champion: 0.95, candidate: 0.95 },
    score: { dimension: 2, resamples: 200 },
  };

  it('promotes a clear win, with the numbers in the reason', () => {
    const verdict = judgeCandidate(input);
    expect(verdict.passed).toBe(true);
    expect(verdict.reason).toMatch(
      /^Promoted: .*before and .* % after, a gain of .* points.*on average .*80 % interval/,
    );
    expect(verdict.gain!.low).toBeGreaterThan(0);
    expect(verdict.reason).toContain('On the enrolled pictures accuracy is 95.0 % before and 95.0 % after.');
  });

  it('refuses luck, harm, forgetting, broken weights and too little evidence', () => {
    const refused = (change: Partial<Parameters<typeof judgeCandidate>[0]>) => {
      const verdict = judgeCandidate({ ...input, ...change });
      expect(verdict.passed).toBe(false);
      return verdict.reason;
    };
    expect(refused({ candidate: embed(people, 0.3, 5) })).toMatch(/That is not beyond what chance explains/);
    expect(refused({ candidate: embed(people, 0.05, 5) })).toMatch(/gain of −/);
    expect(refused({ enrolment: { champion: 0.95, candidate: 0.8 } })).toMatch(/falls from 95.0 % to 80.0 %/);
    expect(refused({ benchmark: { champion: 0.99, candidate: 0.9 } })).toMatch(/base benchmark it falls from 99.0 %/);
    expect(refused({ policy: { minErrorCut: 0.99 } })).toMatch(/not worth a new version/);
    expect(refused({ candidate: input.candidate.map(() => Number.NaN) })).toMatch(/not numbers/);
    expect(refused({ pairs: null })).toMatch(/no pairs/);
    expect(refused({ policy: { minPairs: 1e6 } })).toMatch(/only \d+ genuine/);
    expect(refused({ policy: { minGain: 0.9 } })).toMatch(/above the required 90.0 points/);
  });

  it('asks for clearer evidence the more often the same tracks have judged', () => {
    const close = { ...input, candidate: embed(people, 0.42, 2), score: { dimension: 2, resamples: 400 } };
    const first = judgeCandidate(close);
    const fiftieth = judgeCandidate({ ...close, attempts: 49 });
    expect(fiftieth.gain!.low).toBeLessThan(first.gain!.low);
    expect(fiftieth.reason).toMatch(/99.992 % interval/);
    if (fiftieth.passed) expect(first.passed).toBe(true);
  });

  it('measures enrolled pictures where it can', () => {
    const enrolled = ['a', 'a', 'b', 'b'].map((identityId, i) => ({
      identityId,
      embedding: Float32Array.of(i < 2 ? 0 : 5, i),
    }));
    expect(enrolmentAccuracy(enrolled, 'euclidean')).toBe(1);
    expect(enrolmentAccuracy(enrolled.slice(1, 3), 'euclidean')).toBeNull();
  });
});
