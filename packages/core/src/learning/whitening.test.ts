import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import type { Metric } from '../recognition/gallery.ts';
import { believedWhitenings } from './believed-whitenings.ts';
import { buildLearningSet, type LearningSet } from './learning-set.ts';
import { identityMap, mapAfter, mapped, trackStatistics, whiteningMap } from './whitening.ts';

const DIMENSION = 4;

/** Pairs of people side by side for some frames each; `noise` is how much each dimension varies within a track. */
function scene({
  seed,
  tracks = 12,
  frames = 20,
  noise = [2, 0.1, 0.1, 0.1],
  people,
}: {
  seed: number;
  tracks?: number;
  frames?: number;
  noise?: number[];
  /** Means of the tracks; drawn when absent. */
  people?: number[][];
}) {
  const random = createRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const means = people ?? Array.from({ length: tracks }, () => noise.map(() => normal()));
  const observations = means.flatMap((_, track) =>
    Array.from({ length: frames }, (_, i) => {
      const frame = Math.floor(track / 2) * 1000 + i;
      return {
        trackKey: `t${track}`,
        frameKey: String(frame),
        frame,
        time: frame,
        quality: 1,
        box: { x: track * 200, y: 0, width: 50, height: 50 },
      };
    }),
  );
  const set = buildLearningSet(observations);
  const values = Float32Array.from(
    set.probes.flatMap(({ row }) => means[Math.floor(row / frames)]!.map((value, k) => value + noise[k]! * normal())),
  );
  return { set, values };
}

/** Mean squared distance to the track's mean, by dimension. */
function variances(set: LearningSet, values: Float32Array): number[] {
  return Array.from({ length: DIMENSION }, (_, k) => {
    let sum = 0;
    for (const { probes } of set.tracks) {
      const mean = probes.reduce((total, p) => total + values[p * DIMENSION + k]!, 0) / probes.length;
      for (const p of probes) sum += (values[p * DIMENSION + k]! - mean) ** 2;
    }
    return sum / set.probes.length;
  });
}

/** Mean squared distance of probes of tracks that shared a frame. */
function strangerDistance(set: LearningSet, values: Float32Array): number {
  let [sum, count] = [0, 0];
  set.tracks.forEach(({ probes, strangers }, t) => {
    for (const s of strangers.filter((other) => other > t)) {
      for (const a of probes) {
        for (const b of set.tracks[s]!.probes) {
          for (let k = 0; k < DIMENSION; k++) sum += (values[a * DIMENSION + k]! - values[b * DIMENSION + k]!) ** 2;
          count += 1;
        }
      }
    }
  });
  return sum / count;
}

const statistics = ({ set, values }: ReturnType<typeof scene>, metric: Metric = 'euclidean') =>
  trackStatistics(set, { values, dimension: DIMENSION, metric })!;

describe('whitening', () => {
  it('makes one person vary equally in all directions', () => {
    const of = scene({ seed: 3 });
    const before = variances(of.set, of.values);
    const after = variances(
      of.set,
      mapped(of.values, whiteningMap(statistics(of), { shrinkage: 0, emphasis: 0, centring: 0 }), DIMENSION),
    );
    expect(Math.max(...before) / Math.min(...before)).toBeGreaterThan(100);
    expect(Math.max(...after) / Math.min(...after)).toBeLessThan(1.05);
  });

  it('leaves the embedding as it is under the map that changes nothing', () => {
    const { values } = scene({ seed: 4 });
    expect(mapped(values, identityMap(DIMENSION), DIMENSION)).toEqual(values);
  });

  it('leaves the embedding as it is when nothing is believed', () => {
    const { matrix } = whiteningMap(statistics(scene({ seed: 4 })), { shrinkage: 1, emphasis: 0, centring: 0 });
    for (let i = 0; i < DIMENSION; i++)
      for (let j = 0; j < DIMENSION; j++) expect(matrix[i * DIMENSION + j]).toBeCloseTo(i === j ? 1 : 0, 6);
  });

  it('stretches the directions that tell people apart', () => {
    const { matrix } = whiteningMap(statistics(scene({ seed: 5 })), { shrinkage: 0, emphasis: 0.5, centring: 0 });
    const { matrix: plain } = whiteningMap(statistics(scene({ seed: 5 })), { shrinkage: 0, emphasis: 0, centring: 0 });
    // The first direction is mostly noise, so stretching by what lies between people weakens it further.
    expect(Math.abs(matrix[0]!) / Math.abs(matrix[5]!)).toBeLessThan(Math.abs(plain[0]!) / Math.abs(plain[5]!));
  });

  it('keeps two people as far apart as they were on average, whatever the options', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, shrinkage, emphasis) => {
          // Equal lengths and pairs, so that the mean over tracks is the mean over probes.
          const of = scene({ seed });
          const after = mapped(
            of.values,
            whiteningMap(statistics(of), { shrinkage, emphasis, centring: 0 }),
            DIMENSION,
          );
          const ratio = strangerDistance(of.set, after) / strangerDistance(of.set, of.values);
          expect(ratio).toBeGreaterThan(0.98);
          expect(ratio).toBeLessThan(1.02);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does not depend on the length of embeddings that are compared by angle', () => {
    const of = scene({ seed: 6 });
    const longer = of.values.map((value, i) => value * (1 + Math.floor(i / DIMENSION)));
    const [a, b] = [of.values, longer].map(
      (values) =>
        whiteningMap(statistics({ ...of, values }, 'cosine'), { shrinkage: 0.5, emphasis: 0.25, centring: 0 }).matrix,
    );
    a!.forEach((value, i) => {
      expect(b![i]).toBeCloseTo(value, 4);
    });
  });

  it('takes out what everybody has in common, as far as asked', () => {
    const of = scene({ seed: 12, noise: [1, 1, 1, 1] });
    const shifted = { ...of, values: of.values.map((value, i) => value + [5, -3, 0, 1][i % DIMENSION]!) };
    const stats = statistics(shifted, 'cosine');
    const commonAfter = (centring: number, shrinkage: number) => {
      const values = mapped(shifted.values, whiteningMap(stats, { shrinkage, emphasis: 0, centring }), DIMENSION);
      return Math.hypot(...statistics({ ...of, values }, 'cosine').common);
    };
    for (const shrinkage of [1, 0.5]) {
      const before = commonAfter(0, shrinkage);
      expect(before).toBeGreaterThan(0.1);
      expect(commonAfter(0.5, shrinkage)).toBeCloseTo(before / 2, 5);
      expect(commonAfter(1, shrinkage)).toBeCloseTo(0, 5);
    }
  });

  it('counts every track alike in what everybody has in common', () => {
    const { set } = scene({ seed: 13, tracks: 2 });
    const long = set.tracks[0]!.probes;
    const values = Float32Array.from(
      set.probes.flatMap((_, p) => (long.includes(p) ? [1, 0, 0, p / 99] : [0, 1, 0, p / 99])),
    );
    const shorter = {
      probes: set.probes,
      tracks: [set.tracks[0]!, { ...set.tracks[1]!, probes: set.tracks[1]!.probes.slice(0, 5) }],
    };
    const { common } = trackStatistics(shorter, { values, dimension: DIMENSION, metric: 'euclidean' })!;
    expect([...common].slice(0, 3)).toEqual([0.5, 0.5, 0].map((v) => expect.closeTo(v, 6)));
  });

  it.each([1, 0, Number.NaN])('says nothing of embeddings that are all %d', (value) => {
    const { set, values } = scene({ seed: 9 });
    const embedded = { values: values.fill(value), dimension: DIMENSION, metric: 'euclidean' } as const;
    expect(trackStatistics(set, embedded)).toBeNull();
    const options = [{ shrinkage: 0.5, emphasis: 0.5, centring: 0 }];
    expect(believedWhitenings(set, embedded, { options, scoring: { minGap: 5 } })).toEqual([]);
  });

  it('says nothing of tracks that are too short, and nothing between people nobody saw together', () => {
    const short = scene({ seed: 7, frames: 4 });
    expect(trackStatistics(short.set, { values: short.values, dimension: DIMENSION, metric: 'euclidean' })).toBeNull();
    const alone = scene({ seed: 8, tracks: 1 });
    expect(statistics(alone).between).toBeNull();
    expect(
      whiteningMap(statistics(alone), { shrinkage: 0.5, emphasis: 0.5, centring: 0 }).matrix.every(Number.isFinite),
    ).toBe(true);
  });
});

it.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('one map after another is both (offsets: %s, %s)', (ofFirst, ofSecond) => {
  const random = createRandom(5);
  const numbers = (count: number) => Float64Array.from({ length: count }, () => random() - 0.5);
  const make = (hasOffset: boolean) => ({ matrix: numbers(9), offset: hasOffset ? numbers(3) : null });
  const [first, second] = [make(ofFirst), make(ofSecond)];
  const values = Float32Array.from(numbers(12));
  const both = mapped(mapped(values, first, 3), second, 3);
  const once = mapped(values, mapAfter(first, second), 3);
  for (const [i, value] of once.entries()) expect(value).toBeCloseTo(both[i]!, 6);
});

describe('which whitenings are believed', () => {
  const options = [0.9, 0.5].flatMap((shrinkage) => [0, 0.5].map((emphasis) => ({ shrinkage, emphasis, centring: 0 })));
  const shape = { tracks: 48, frames: 30, noise: [1, 1, 1, 1, 1, 1, 1, 1] };
  const believed = (people: number[][]) => {
    const of = scene({ seed: 11, ...shape, people });
    return believedWhitenings(
      of.set,
      { values: of.values, dimension: 8, metric: 'euclidean' },
      { options, scoring: { minGap: 5 } },
    );
  };

  it('stretches what tells people apart when the same ones come back', () => {
    // Five people who differ in two of eight directions only.
    const regulars = Array.from({ length: 5 }, (_, i) => [
      3 * Math.cos(i * 1.3),
      3 * Math.sin(i * 1.3),
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    const people = Array.from({ length: 48 }, (_, track) => regulars[(track + Math.floor(track / 2)) % 5]!);
    expect(believed(people)).toEqual(expect.arrayContaining(options));
  });

  it('does not when each part of the video shows people who differ in another way', () => {
    const people = Array.from({ length: 48 }, (_, track) => {
      const part = Math.floor(track / 12);
      return Array.from({ length: 8 }, (_, k) => (Math.floor(k / 2) === part ? 3 * Math.cos(track * 1.3 + k) : 0));
    });
    expect(believed(people)).toEqual(options.filter(({ emphasis }) => emphasis === 0));
  });
});
