import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { buildLearningSet, type LearningSet } from './learning-set.ts';
import { agreementOf, judgeShadow, type ShadowDecision } from './shadow.ts';
import { observe, range } from './testing.ts';
import { judgeWatch } from './watch.ts';

/** Pairs of people, each pair together for 60 frames. */
const crowd = (people: number): LearningSet =>
  buildLearningSet(
    observe(
      Object.fromEntries(
        range(0, people).map((p) => [`p${p}`, range(Math.floor(p / 2) * 60, Math.floor(p / 2) * 60 + 60)]),
      ),
    ),
  );

/** Embeddings in which the two people of a pair are `signal` apart per unit of noise. */
function embed(set: LearningSet, signal: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from(set.probes.flatMap(({ track }) => [track * signal + random(), random()]));
}

const decided = (count: number, change: (i: number) => Partial<ShadowDecision> = () => ({})): ShadowDecision[] =>
  range(0, count).map((i) => ({ trackKey: `p${i}`, champion: `id${i}`, candidate: `id${i}`, ...change(i) }));

const people = crowd(24);
const score = { dimension: 2, resamples: 100 };

describe('shadow comparison', () => {
  const input = {
    set: people,
    champion: embed(people, 0.4),
    candidate: embed(people, 0.9, 2),
    decisions: decided(24),
    score,
  };

  it('confirms a candidate that is better on live tracks and agrees', () => {
    const verdict = judgeShadow(input);
    expect(verdict).toMatchObject({ decision: 'promote', agreement: { tracks: 24, same: 24, share: 1 } });
    expect(verdict.gain!.low).toBeGreaterThan(0);
    expect(verdict.reason).toMatch(
      /under the champion and .* % under the candidate, a gain of .* 24 of 24 live tracks/,
    );
  });

  it('waits for enough tracks and pairs', () => {
    expect(judgeShadow({ ...input, decisions: decided(5) })).toMatchObject({ decision: 'wait' });
    const lonely = buildLearningSet(observe({ a: range(0, 60) }));
    const few = { set: lonely, champion: embed(lonely, 1), candidate: embed(lonely, 1) };
    expect(judgeShadow({ ...input, ...few }).reason).toMatch(/do not hold 100 pairs/);
  });

  it('refuses a loss, broken weights, and other names for the same people', () => {
    const refused = (change: Partial<typeof input>) => {
      const { decision, reason } = judgeShadow({ ...input, ...change });
      expect(decision).toBe('reject');
      return reason;
    };
    expect(refused({ candidate: embed(people, 0.05, 3) })).toMatch(/gain of −/);
    expect(refused({ candidate: input.candidate.map(() => Number.NaN) })).toMatch(/not numbers/);
    expect(refused({ decisions: decided(24, (i) => (i < 6 ? { candidate: 'other' } : {})) })).toMatch(/disagree/);
    expect(refused({ decisions: decided(24, (i) => (i < 12 ? { candidate: null } : {})) })).toMatch(/disagree/);
  });

  it('decides in the end, and not for a candidate that lost on average', () => {
    const close = { ...input, candidate: embed(people, 0.36, 9), decisions: decided(24) };
    expect(judgeShadow(close).decision).toBe('wait');
    expect(judgeShadow({ ...close, policy: { maxTracks: 24 } }).decision).toBe('reject');
  });

  it('counts every track in exactly one way', () => {
    const name = fc.option(fc.constantFrom('ann', 'bob'), { nil: null });
    const decision = fc.record({ trackKey: fc.string(), champion: name, candidate: name });
    fc.assert(
      fc.property(fc.array(decision), (decisions) => {
        const { tracks, same, otherName, gained, lost, disagreements } = agreementOf(decisions);
        expect(same + otherName + gained + lost).toBe(tracks);
        expect(disagreements.length).toBe(tracks - same);
      }),
    );
  });
});

describe('watch after promotion', () => {
  const input = { set: people, parent: embed(people, 0.4), champion: embed(people, 0.9, 2), score };

  it('watches a good champion until it has proved itself', () => {
    expect(judgeWatch(input)).toMatchObject({ decision: 'watch', tracks: 24 });
    expect(judgeWatch({ ...input, policy: { maxTracks: 24 } }).decision).toBe('keep');
  });

  it('goes back when the parent is better than chance explains, with the numbers', () => {
    const worse = judgeWatch({ ...input, parent: input.champion, champion: embed(people, 0.1, 3) });
    expect(worse.decision).toBe('roll-back');
    expect(worse.gain!.high).toBeLessThan(0);
    expect(worse.reason).toMatch(/^Rolled back: .*99 % interval/);
    const broken = judgeWatch({ ...input, champion: input.champion.map(() => Number.POSITIVE_INFINITY) });
    expect(broken.reason).toMatch(/not numbers/);
  });

  it('says so while there is too little to go by', () => {
    const lonely = buildLearningSet(observe({ a: range(0, 60) }));
    const verdict = judgeWatch({ set: lonely, parent: embed(lonely, 1), champion: embed(lonely, 1), score });
    expect(verdict).toMatchObject({ decision: 'watch', gain: null });
  });

  it('seldom rolls back a champion that is just as good as its parent', () => {
    const small = crowd(12);
    const looks = range(0, 15).map((seed) =>
      judgeWatch({
        set: small,
        parent: embed(small, 0.6, seed * 2 + 1),
        champion: embed(small, 0.6, seed * 2 + 2),
        score: { dimension: 2, resamples: 60 },
      }),
    );
    expect(looks.filter((v) => v.decision === 'roll-back').length).toBeLessThanOrEqual(1);
  });
});
