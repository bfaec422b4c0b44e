import { type LearningSet, regroup, subset } from './learning-set.ts';

export interface StaticOptions {
  /** Tracks shorter than this many probes are never called static. Default 50. */
  readonly minProbes?: number;
  /** Largest standard deviation of the box centre, as a share of the box width. Default 0.03. */
  readonly maxJitter?: number;
}

/**
 * Leaves out faces that never move: posters, screens and statues. They would be the same easy anchor hundreds of times.
 * A person who stands still sways by more than a few hundredths of the face's width.
 */
export function withoutStaticTracks(set: LearningSet, options: StaticOptions = {}): LearningSet {
  const { minProbes = 50, maxJitter = 0.03 } = options;
  return subset(set, (track) => {
    if (track.probes.length < minProbes) return true;
    const boxes = track.probes.map((p) => set.probes[p]!.box);
    const width = mean(boxes.map((b) => b.width));
    const jitter = Math.max(
      deviation(boxes.map((b) => b.x + b.width / 2)),
      deviation(boxes.map((b) => b.y + b.height / 2)),
    );
    return jitter > maxJitter * width;
  });
}

export interface JumpOptions {
  readonly dimension: number;
  /** Probes averaged on either side of a possible jump. Default 5. */
  readonly window?: number;
  /** Least Euclidean distance between the two averages that counts as another person. */
  readonly threshold: number;
  /** Pieces shorter than this are left out. Default 10 (section 4.1). */
  readonly minLength?: number;
}

/**
 * Cuts tracks where the face suddenly becomes another: a tracker that slid from one person to the next as they crossed
 * would otherwise teach that two people are one. The pieces get no relation to each other, as none is known.
 */
export function splitAtJumps(set: LearningSet, embeddings: Float32Array, options: JumpOptions): LearningSet {
  const { window = 5, minLength = 10 } = options;
  return regroup(
    set,
    set.tracks.flatMap((track, from) => {
      const cuts = findJumps(track.probes, embeddings, { ...options, window });
      if (cuts.length === 0) return [{ key: track.key, probes: track.probes, from }];
      const bounds = [0, ...cuts, track.probes.length];
      return bounds
        .slice(1)
        .map((end, i) => ({ key: `${track.key}#${i}`, probes: track.probes.slice(bounds[i]!, end), from }))
        .filter((piece) => piece.probes.length >= minLength);
    }),
  );
}

/** Positions within the track where a new piece begins, at the steepest point of each jump. */
function findJumps(
  probes: readonly number[],
  embeddings: Float32Array,
  { dimension, window, threshold }: JumpOptions & { readonly window: number },
): number[] {
  const jumps: { at: number; size: number }[] = [];
  for (let at = window; at + window <= probes.length; at++) {
    const before = average(probes.slice(at - window, at), embeddings, dimension);
    const after = average(probes.slice(at, at + window), embeddings, dimension);
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += (before[k]! - after[k]!) ** 2;
    const size = Math.sqrt(sum);
    if (size > threshold) jumps.push({ at, size });
  }
  // One change of person raises several neighbouring positions; only the highest is the cut.
  const cuts: number[] = [];
  for (const { at } of jumps.sort((a, b) => b.size - a.size)) {
    if (cuts.every((cut) => Math.abs(cut - at) >= window)) cuts.push(at);
  }
  return cuts.sort((a, b) => a - b);
}

function average(probes: readonly number[], embeddings: Float32Array, dimension: number): Float64Array {
  const sum = new Float64Array(dimension);
  for (const p of probes) for (let k = 0; k < dimension; k++) sum[k]! += embeddings[p * dimension + k]! / probes.length;
  return sum;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
}
