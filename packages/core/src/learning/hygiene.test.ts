import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { cleanTracks } from './clean-tracks.ts';
import { jumpThreshold, splitAtJumps, withoutMirrors, withoutStaticTracks } from './hygiene.ts';
import { buildLearningSet, type LearningSet, type ProbeObservation } from './learning-set.ts';
import { findLinks, joinTracks } from './must-link.ts';
import { observe, range } from './testing.ts';
import { distanceScale, type Embedded } from './track-distances.ts';

/** Each probe is where `place` puts it in a plane, blurred a little. */
function embed(set: LearningSet, place: (key: string, frame: number) => number, noise = 0.1): Embedded {
  const random = createRandom(1);
  const values = Float32Array.from(
    set.probes.flatMap(({ track, frame }) => [
      place(set.tracks[track]!.key, frame) + (random() - 0.5) * noise,
      (random() - 0.5) * noise,
    ]),
  );
  return { values, dimension: 2, metric: 'euclidean' };
}

const scaled = (set: LearningSet, embedded: Embedded) => ({ embedded, scale: distanceScale(set, embedded) });

describe('static tracks', () => {
  it('leaves out a poster but not a person who stands, and says why', () => {
    const observations = observe({ poster: range(0, 100), person: range(0, 100) }).map((o, i) => ({
      ...o,
      box: { x: o.trackKey === 'poster' ? 10 + (i % 2) * 0.5 : 10 + 6 * Math.sin(i), y: 5, width: 40, height: 40 },
    }));
    const set = buildLearningSet(observations);
    const cleaned = withoutStaticTracks(set);
    expect(cleaned.set.tracks.map((t) => t.key)).toEqual(['person']);
    expect(cleaned.leftOut).toMatchObject([{ trackKey: 'poster', reason: 'static' }]);
    expect(cleaned.leftOut[0]!.detail).toMatch(/sways by 0.6 % of its width over 100 probes/);
    expect(withoutStaticTracks(set, { minProbes: 200 }).set.tracks).toHaveLength(2);
  });
});

describe('jumps inside a track', () => {
  const set = buildLearningSet(
    observe({ mixed: range(0, 40), pure: range(0, 40), late: range(27, 40), other: range(0, 40) }),
  );
  const places: Record<string, number> = { mixed: 0, pure: 2, late: 4, other: 6 };
  const of = scaled(
    set,
    embed(set, (key, frame) => places[key]! + (key === 'mixed' && frame >= 25 ? 1 : 0)),
  );

  it('cuts a track where another face takes it over, and nowhere else', () => {
    const { set: split, leftOut } = splitAtJumps(set, of, { threshold: 0.6 });
    expect(split.tracks.map((t) => [t.key, t.probes.length])).toEqual([
      ['mixed#0', 25],
      ['mixed#1', 15],
      ['other', 40],
      ['pure', 40],
      ['late', 13],
    ]);
    // The first piece may well be the person who came back as `late`: nothing says they are two.
    expect(split.tracks.map((t) => t.strangers)).toEqual([
      [2, 3],
      [2, 3, 4],
      [0, 1, 3, 4],
      [0, 1, 2, 4],
      [1, 2, 3],
    ]);
    expect(split.probes.map((p) => p.row).sort((a, b) => a - b)).toEqual(range(0, 133));
    expect(leftOut).toMatchObject([{ trackKey: 'mixed', reason: 'jump' }]);
  });

  it('takes its threshold from how people differ here, and does nothing where nobody was seen together', () => {
    const clean = scaled(
      set,
      embed(set, (key) => places[key]!),
    );
    const threshold = jumpThreshold(clean.scale)!;
    expect(threshold).toBeGreaterThan(1.5);
    expect(threshold).toBeLessThan(2.5);
    expect(splitAtJumps(set, clean).leftOut).toEqual([]);
    const alone = buildLearningSet(observe({ a: range(0, 40) }));
    expect(
      jumpThreshold(
        scaled(
          alone,
          embed(alone, () => 0),
        ).scale,
      ),
    ).toBeNull();
  });
});

describe('mirrors and posters of somebody present', () => {
  const observations = observe({ ann: range(0, 60), mirror: range(10, 50), bob: range(0, 60), eve: range(20, 60) }).map(
    (o): ProbeObservation => (o.trackKey === 'mirror' ? { ...o, box: { ...o.box, width: 25, height: 25 } } : o),
  );
  const set = buildLearningSet(observations);
  const places: Record<string, number> = { ann: 0, mirror: 0, bob: 2, eve: 4 };
  const of = scaled(
    set,
    embed(set, (key) => places[key]!, 0.3),
  );

  it('leaves out the smaller of two equal faces that share their frames, by name', () => {
    const { set: clean, leftOut } = withoutMirrors(set, of, { minShare: 0.4 });
    expect(clean.tracks.map((t) => t.key).sort()).toEqual(['ann', 'bob', 'eve']);
    expect(leftOut).toMatchObject([{ trackKey: 'mirror', reason: 'mirror' }]);
    expect(leftOut[0]!.detail).toMatch(/looks like track ann in \d+ of the 40 frames/);
  });

  it('leaves people alone who only met, or met too shortly to tell', () => {
    const distinct = scaled(
      set,
      embed(set, (key) => (key === 'mirror' ? 6 : places[key]!), 0.3),
    );
    expect(withoutMirrors(set, distinct, { minShare: 0.4 }).leftOut).toEqual([]);
    expect(withoutMirrors(set, of, { minShare: 0.4, minShared: 41 }).leftOut).toEqual([]);
  });
});

describe('must-link', () => {
  const away = (o: ProbeObservation) => ({ ...o, box: { ...o.box, x: 900 } });
  /** `back` is `ann` after five frames behind a pillar; `bob` and `eve` are there all along. */
  const observations = observe({ ann: range(0, 30), back: range(35, 65), bob: range(0, 65), eve: range(0, 65) });
  const set = buildLearningSet(observations);
  const places: Record<string, number> = { ann: 0, back: 0, bob: 2, eve: 4 };
  const of = scaled(
    set,
    embed(set, (key) => places[key]!, 0.02),
  );

  it('joins what a short occlusion broke, and nothing that is far, late, or unlike', () => {
    const loose = { ...of, scale: { ...of.scale, neighbours: Float64Array.of(0.1) } };
    const joined = joinTracks(set, findLinks(set, loose));
    expect(joined.tracks.map((t) => [t.key, t.probes.length])).toEqual([
      ['ann+back', 60],
      ['bob', 65],
      ['eve', 65],
    ]);
    expect(joined.tracks.map((t) => t.strangers)).toEqual([
      [1, 2],
      [0, 2],
      [0, 1],
    ]);
    expect(findLinks(set, loose, { maxGap: 100 })).toEqual([]);
    const moved = buildLearningSet(observations.map((o) => (o.trackKey === 'back' ? away(o) : o)));
    expect(findLinks(moved, loose)).toEqual([]);
    const unlike = scaled(
      set,
      embed(set, (key) => (key === 'back' ? 1 : places[key]!), 0.02),
    );
    expect(findLinks(set, { ...unlike, scale: loose.scale })).toEqual([]);
  });

  it('keeps its hands off where two tracks could be the one that went on', () => {
    const two = buildLearningSet([...observations, ...observe({ twin: range(34, 60) })]);
    const loose = scaled(
      two,
      embed(two, (key) => places[key] ?? 0, 0.02),
    );
    const links = findLinks(two, { ...loose, scale: { ...loose.scale, neighbours: Float64Array.of(0.1) } });
    expect(links).toEqual([]);
  });

  it('never joins tracks that shared a frame, over however many links', () => {
    const stretch = fc.record({
      from: fc.integer({ min: 0, max: 120 }),
      length: fc.integer({ min: 10, max: 40 }),
      place: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 2, maxLength: 14 }), (stretches) => {
        const plan = Object.fromEntries(stretches.map(({ from, length }, i) => [`t${i}`, range(from, from + length)]));
        const crowd = buildLearningSet(observe(plan));
        const embedded = embed(crowd, (key) => stretches[Number(key.slice(1))]!.place * 0.05, 0.01);
        const links = findLinks(crowd, {
          embedded,
          // Everything is near: only what was seen together can forbid a link.
          scale: { neighbours: Float64Array.of(9), within: Float64Array.of(9), between: Float64Array.of(9) },
        });
        const joined = joinTracks(crowd, links);
        expect(joined.probes.length).toBe(crowd.probes.length);
        joined.tracks.forEach((track, t) => {
          const moments = track.probes.map((p) => joined.probes[p]!.moment);
          expect(new Set(moments).size).toBe(moments.length);
          expect(track.strangers).not.toContain(t);
          for (const p of track.probes) expect(joined.probes[p]!.track).toBe(t);
        });
      }),
    );
  });
});

describe('cleanTracks', () => {
  it('does everything at once, keeps each probe with its row, and reports it', async () => {
    const set = buildLearningSet(
      observe({ ann: range(0, 30), back: range(33, 63), mixed: range(0, 60), bob: range(0, 63) }),
    );
    const keyOf = new Map(set.probes.map((p) => [p.row, [set.tracks[p.track]!.key, p.frame] as const]));
    const places: Record<string, number> = { ann: 0, back: 0, mixed: 3, bob: 6 };
    const embed = async (rows: readonly number[]) => ({
      values: Float32Array.from(
        rows.flatMap((row) => {
          const [key, frame] = keyOf.get(row)!;
          return [places[key]! + (key === 'mixed' && frame >= 30 ? 6 : 0) + Math.sin(row) * 0.01, 0];
        }),
      ),
      dimension: 2,
    });
    const {
      set: clean,
      leftOut,
      joined,
    } = await cleanTracks(
      set,
      { embed, metric: 'euclidean' },
      { staticTracks: {}, mirrors: { minShare: 0.9 }, jumps: {}, mustLink: { maxGap: 500 } },
    );
    expect(joined.map((pair) => pair.join(' '))).toEqual(['ann back']);
    expect(leftOut.map(({ trackKey, reason }) => [trackKey, reason])).toEqual([['mixed', 'jump']]);
    for (const p of clean.probes) expect(keyOf.get(p.row)![1]).toBe(p.frame);
  });
});
