import { createRandom } from '../evaluation/random.ts';
import type { LearningSet } from '../learning/learning-set.ts';
import { embeddingDistance, type Metric, normalised } from './gallery.ts';

/** Distances of pairs of different people, and of which units (tracks) each pair is made. */
export interface TailSample {
  readonly distances: ArrayLike<number>;
  /** Without units every pair counts as independent, which makes the interval too narrow when few people gave many pairs. */
  readonly units?: {
    readonly unitCount: number;
    readonly first: ArrayLike<number>;
    readonly second: ArrayLike<number>;
  };
}

export interface TailLine {
  readonly intercept: number;
  /** Distance per unit of ln(rate), >= 0. */
  readonly slope: number;
}

/** Share of the closest impostor pairs whose trend is followed where the sample ends. */
const TAIL_SHARE = 0.1;
const RESAMPLES = 200;

/** Least squares of distance on ln(rate) over the closest tenth. `sorted`: ascending; `weights` count each distance. */
export function tailLine(sorted: ArrayLike<number>, weights?: ArrayLike<number>): TailLine {
  const total = weights ? sum(weights) : sorted.length;
  const wanted = Math.max(5, Math.floor(total * TAIL_SHARE));
  let seen = 0;
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < sorted.length && seen < wanted; i++) {
    const weight = weights ? weights[i]! : 1;
    if (weight === 0) continue;
    const x = Math.log((seen + weight / 2) / total);
    const y = sorted[i]!;
    seen += weight;
    n += weight;
    sx += weight * x;
    sy += weight * y;
    sxx += weight * x * x;
    sxy += weight * x * y;
  }
  const spread = n * sxx - sx * sx;
  const slope = spread > 0 ? Math.max(0, (n * sxy - sx * sy) / spread) : 0;
  return { intercept: (sy - slope * sx) / n, slope };
}

/**
 * Rate of impostor pairs within `threshold`, with the upper end of a one-sided 95 % bootstrap interval over the units.
 * Below the closest pair both come from the tail's line; a count of nothing never reads as a rate of nothing.
 */
export function tailInterval(sample: TailSample, threshold: number): { readonly rate: number; readonly high: number } {
  const order = Int32Array.from({ length: sample.distances.length }, (_, i) => i)
    .filter((i) => Number.isFinite(sample.distances[i]!))
    .sort((a, b) => sample.distances[a]! - sample.distances[b]!);
  const sorted = Float64Array.from(order, (i) => sample.distances[i]!);
  const random = createRandom(1);
  const draws: number[] = [];
  for (let k = 0; k < RESAMPLES; k++) {
    const weights = sample.units ? unitWeights(sample.units, order, random) : pairWeights(sorted.length, random);
    if (sum(weights) > 0) draws.push(rateWithin(sorted, threshold, weights));
  }
  draws.sort((a, b) => a - b);
  const rate = rateWithin(sorted, threshold);
  const high = draws[Math.min(draws.length - 1, Math.floor(0.95 * draws.length))] ?? 1;
  return { rate, high: Math.max(rate, high) };
}

function rateWithin(sorted: Float64Array, threshold: number, weights?: Float64Array): number {
  const total = weights ? sum(weights) : sorted.length;
  let within = 0;
  for (let i = 0; i < sorted.length && sorted[i]! <= threshold; i++) within += weights ? weights[i]! : 1;
  if (within >= 1) return within / total;
  const { intercept, slope } = tailLine(sorted, weights);
  const followed = slope > 0 ? Math.exp((threshold - intercept) / slope) : 1 / total;
  return Math.min(followed, 1 / total);
}

function pairWeights(count: number, random: () => number): Float64Array {
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) weights[Math.floor(random() * count)]! += 1;
  return weights;
}

function unitWeights(units: NonNullable<TailSample['units']>, order: Int32Array, random: () => number): Float64Array {
  const drawn = pairWeights(units.unitCount, random);
  return Float64Array.from(order, (i) => drawn[units.first[i]!]! * drawn[units.second[i]!]!);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

export interface TrackImpostorOptions {
  readonly dimension: number;
  readonly metric?: Metric;
  /** Probes of highest quality that speak for a track, as in `decideTrack`. Default 5. */
  readonly bestProbes?: number;
}

/**
 * Distances between people certainly different, compared as decisions compare: the quality-weighted mean of a track's best
 * probes, against the single best probes of another track in the place of enrolled pictures (the nearest of them counts,
 * as in the gallery). Two tracks are different people when they shared a frame.
 *
 * @param embeddings Float32 of `set.probes.length * dimension` under the version whose threshold is sought.
 */
export function trackImpostors(
  set: LearningSet,
  embeddings: Float32Array,
  options: TrackImpostorOptions,
): TailSample & { readonly units: NonNullable<TailSample['units']> } {
  const { dimension, metric = 'euclidean', bestProbes = 5 } = options;
  const row = (p: number) => embeddings.subarray(p * dimension, (p + 1) * dimension);
  const best = set.tracks.map(({ probes }) =>
    [...probes].sort((a, b) => set.probes[b]!.quality - set.probes[a]!.quality).slice(0, bestProbes),
  );
  const means = best.map((probes) => meanOf(probes, { set, row, metric, dimension }));
  const distances: number[] = [];
  const first: number[] = [];
  const second: number[] = [];
  set.tracks.forEach(({ strangers }, a) => {
    for (const b of strangers) {
      distances.push(Math.min(...best[b]!.map((p) => embeddingDistance(means[a]!, row(p), metric))));
      first.push(a);
      second.push(b);
    }
  });
  return { distances, units: { unitCount: set.tracks.length, first, second } };
}

function meanOf(
  probes: readonly number[],
  of: { set: LearningSet; row: (p: number) => Float32Array; metric: Metric; dimension: number },
): Float32Array {
  const weights = probes.map((p) => Math.max(of.set.probes[p]!.quality, 1e-3));
  const total = sum(weights);
  const mean = new Float32Array(of.dimension);
  probes.forEach((p, i) => {
    const embedding = of.metric === 'cosine' ? normalised(of.row(p)) : of.row(p);
    for (let k = 0; k < mean.length; k++) mean[k]! += (embedding[k]! * weights[i]!) / total;
  });
  return mean;
}
