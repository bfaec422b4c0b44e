import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddingDistance } from '../recognition/gallery.ts';
import { buildLearningSet, type ProbeObservation } from './learning-set.ts';
import { observe, range } from './testing.ts';
import { generateTriplets } from './triplets.ts';

const DIMENSION = 2;

/** Random videos: up to five tracks, each present in a random stretch of frames, with random embeddings. */
const anyVideo = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: 12 }),
      length: fc.integer({ min: 1, max: 20 }),
      values: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 40, maxLength: 40 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((tracks) => {
    const observations = observe(
      Object.fromEntries(tracks.map(({ from, length }, i) => [`t${i}`, range(from, from + length)])),
    );
    const embeddings = tracks.flatMap(({ length, values }) => values.slice(0, length * DIMENSION));
    return { observations, byRow: Float32Array.from(embeddings) };
  });

/** Algorithm 1 as the paper prints it (misprint corrected), over the raw observations and frame by frame. */
function algorithm1(observations: readonly ProbeObservation[], byRow: Float32Array): Set<string> {
  const embedding = (row: number) => byRow.subarray(row * DIMENSION, (row + 1) * DIMENSION);
  const length = (key: string) => observations.filter((o) => o.trackKey === key).length;
  const kept = observations.map((_, row) => row).filter((row) => length(observations[row]!.trackKey) >= 10);
  const found = new Set<string>();
  const frames = new Set(observations.map((o) => o.frame));
  for (const t of frames) {
    for (const a of kept.filter((row) => observations[row]!.frame === t)) {
      const distance = (k: number) => embeddingDistance(embedding(a), embedding(k), 'euclidean');
      const track = kept.filter((k) => observations[k]!.trackKey === observations[a]!.trackKey && k !== a);
      const frame = kept.filter((k) => observations[k]!.frame === t && k !== a);
      if (frame.length === 0) continue;
      const farthest = Math.max(...track.map(distance));
      const nearest = Math.min(...frame.map(distance));
      found.add(`${a} ${farthest} ${nearest}`);
    }
  }
  return found;
}

describe('generateTriplets', () => {
  it('is Algorithm 1 on any video', () => {
    fc.assert(
      fc.property(anyVideo, ({ observations, byRow }) => {
        const set = buildLearningSet(observations);
        const embeddings = Float32Array.from(
          set.probes.flatMap(({ row }) => [...byRow.subarray(row * DIMENSION, (row + 1) * DIMENSION)]),
        );
        const { anchor, positive, negative } = generateTriplets(set, embeddings, { dimension: DIMENSION });
        const distance = (i: number, j: number) =>
          embeddingDistance(
            embeddings.subarray(i * DIMENSION, (i + 1) * DIMENSION),
            embeddings.subarray(j * DIMENSION, (j + 1) * DIMENSION),
            'euclidean',
          );
        const found = new Set<string>();
        anchor.forEach((a, k) => {
          const [p, n] = [positive[k]!, negative[k]!];
          expect(set.probes[p]!.track).toBe(set.probes[a]!.track);
          expect(p).not.toBe(a);
          expect(set.probes[n]!.moment).toBe(set.probes[a]!.moment);
          expect(set.probes[n]!.track).not.toBe(set.probes[a]!.track);
          found.add(`${set.probes[a]!.row} ${distance(a, p)} ${distance(a, n)}`);
        });
        expect(found.size).toBe(anchor.length);
        expect(found).toEqual(algorithm1(observations, byRow));
      }),
    );
  });

  it('finds nothing where nobody is seen beside somebody else', () => {
    const set = buildLearningSet(observe({ a: range(0, 12), b: range(20, 32) }));
    expect(generateTriplets(set, new Float32Array(48), { dimension: DIMENSION }).anchor).toHaveLength(0);
  });

  it('with co-occurring negatives never pairs an anchor with somebody it was not seen beside', () => {
    fc.assert(
      fc.property(anyVideo, ({ observations, byRow }) => {
        const set = buildLearningSet(observations);
        const embeddings = byRow.slice(0, set.probes.length * DIMENSION);
        const options = { dimension: DIMENSION, negatives: 'co-occurring' as const };
        const { anchor, negative } = generateTriplets(set, embeddings, options);
        anchor.forEach((a, k) => {
          const mine = set.tracks[set.probes[a]!.track]!;
          const theirs = set.tracks[set.probes[negative[k]!]!.track]!;
          const frames = new Set(mine.probes.map((p) => set.probes[p]!.moment));
          expect(theirs.key).not.toBe(mine.key);
          expect(theirs.probes.some((p) => frames.has(set.probes[p]!.moment))).toBe(true);
        });
        const paper = generateTriplets(set, embeddings, { dimension: DIMENSION });
        expect(anchor.length).toBeGreaterThanOrEqual(paper.anchor.length);
      }),
    );
  });

  it('can spare the farthest positive', () => {
    const set = buildLearningSet(observe({ a: range(0, 11), b: range(0, 11) }));
    // Track a lies at 0..9 and, once, at 1000: a tracking error.
    const embeddings = Float32Array.from([...range(0, 10), 1000, ...range(0, 11).map(() => 50)].flatMap((x) => [x, 0]));
    const positives = (positiveQuantile: number) =>
      generateTriplets(set, embeddings, { dimension: DIMENSION, positiveQuantile }).positive.slice(0, 10);
    expect([...positives(1)]).toEqual(range(0, 10).map(() => 10));
    expect([...positives(0.8)]).not.toContain(10);
  });
});
