import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import type { LearningSet } from './learning-set.ts';

/** Embeddings of a set's probes and how they are compared: Float32 of `probes * dimension`, in the order of the set. */
export interface Embedded {
  readonly values: Float32Array;
  readonly dimension: number;
  readonly metric: Metric;
}

/** What distances mean in this scenario, under the current model: the scale for every rule that compares faces. */
export interface DistanceScale {
  /** Ascending distances of mean embeddings of neighbouring windows of one track: one person, moments apart. */
  readonly neighbours: Float64Array;
  /** Ascending distances of single probes of one track, at least two windows between them. */
  readonly within: Float64Array;
  /** Ascending distances of windows of tracks that shared a frame: certainly two people. */
  readonly between: Float64Array;
}

/** Probes averaged into one window: a single blurred face says little. */
export const WINDOW = 5;
/** Windows taken of one track at most, evenly spread. */
const MOST_WINDOWS = 12;

/** Mean embedding of probes, as a vector of the metric's space. */
export function meanEmbedding(probes: readonly number[], { values, dimension }: Embedded): Float32Array {
  const mean = new Float32Array(dimension);
  for (const p of probes) for (let k = 0; k < dimension; k++) mean[k]! += values[p * dimension + k]! / probes.length;
  return mean;
}

export function distanceScale(set: LearningSet, embedded: Embedded): DistanceScale {
  const windows = set.tracks.map(({ probes }) => windowsOf(probes).map((w) => meanEmbedding(w, embedded)));
  const distance = (a: Float32Array, b: Float32Array) => embeddingDistance(a, b, embedded.metric);
  const row = (p: number) => embedded.values.subarray(p * embedded.dimension, (p + 1) * embedded.dimension);
  const neighbours: number[] = [];
  const within: number[] = [];
  const between: number[] = [];
  set.tracks.forEach(({ probes, strangers }, t) => {
    const own = windows[t]!;
    for (let i = 0; i < own.length; i++) {
      if (i > 0) neighbours.push(distance(own[i - 1]!, own[i]!));
    }
    const single = windowsOf(probes).map(([first]) => first!);
    for (let i = 0; i < single.length; i++) {
      for (let j = i + 3; j < single.length; j++) within.push(distance(row(single[i]!), row(single[j]!)));
    }
    for (const s of strangers) {
      if (s > t) for (const a of own) for (const b of windows[s]!) between.push(distance(a, b));
    }
  });
  const sorted = (list: number[]) => Float64Array.from(list).sort();
  return { neighbours: sorted(neighbours), within: sorted(within), between: sorted(between) };
}

/** Value at a share of ascending values, or null when there are none. */
export function quantile(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!;
}

function windowsOf(probes: readonly number[]): number[][] {
  const count = Math.floor(probes.length / WINDOW);
  const all = Array.from({ length: count }, (_, i) => probes.slice(i * WINDOW, (i + 1) * WINDOW));
  const step = Math.max(1, Math.ceil(count / MOST_WINDOWS));
  return all.filter((_, i) => i % step === 0);
}
