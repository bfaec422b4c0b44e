import { createRandom } from '../evaluation/random.ts';
import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import type { LearningSet } from './learning-set.ts';

/** Triplets as positions in `LearningSet.probes`, one per index. */
export interface Triplets {
  readonly anchor: Int32Array;
  readonly positive: Int32Array;
  readonly negative: Int32Array;
}

export interface TripletOptions {
  readonly dimension: number;
  /** Default euclidean. */
  readonly metric?: Metric;
  /**
   * Where the negative is looked for. `same-frame` (default) is Algorithm 1. `co-occurring` looks through every probe of
   * every track that ever shared a frame with the anchor's: those are certainly other people too, seen at other moments,
   * so the hardest of them is harder, and anchors that are alone in their frame get a triplet as well.
   */
  readonly negatives?: 'same-frame' | 'co-occurring';
  /**
   * Which positive is taken, as a quantile of the distances within the track: 1 (default) is Algorithm 1's farthest.
   * A little less spares the one probe that a tracking error slipped into the track.
   */
  readonly positiveQuantile?: number;
  /** The same for the negative: 0 (default) is Algorithm 1's nearest. */
  readonly negativeQuantile?: number;
  /**
   * `exact` (default) takes the probe at the quantile. `drawn` draws one evenly from there to the hardest, for every anchor
   * anew, so that each pass brings other triplets.
   */
  readonly selection?: 'exact' | 'drawn';
  /** For `drawn`. */
  readonly seed?: number;
}

/**
 * Algorithm 1 (section 4.2.1). For every probe p_a of a kept track: p_p is the probe of the same track farthest from it,
 * p_n the other probe of the same frame nearest to it (the listing's `p_k != p_n` is a misprint for `p_k != p_a`),
 * both by the current model's distance. A frame that holds one probe gives no triplet.
 *
 * @param embeddings Float32 of `set.probes.length * dimension`, in the order of `set.probes`, under the current weights.
 */
export function generateTriplets(set: LearningSet, embeddings: Float32Array, options: TripletOptions): Triplets {
  const { dimension, metric = 'euclidean', negatives = 'same-frame' } = options;
  const { positiveQuantile = 1, negativeQuantile = 0, selection = 'exact', seed = 1 } = options;
  const random = createRandom(seed);
  const towards = (quantile: number, hardest: number) =>
    selection === 'exact' ? quantile : quantile + (hardest - quantile) * random();
  const rows = set.probes.map((_, i) => embeddings.subarray(i * dimension, (i + 1) * dimension));
  const seenTogether = new Map<number, number[]>();
  set.probes.forEach(({ moment }, i) => {
    const present = seenTogether.get(moment);
    if (present) present.push(i);
    else seenTogether.set(moment, [i]);
  });
  const strangerProbes = set.tracks.map((t) =>
    negatives === 'co-occurring' ? t.strangers.flatMap((s) => set.tracks[s]!.probes) : [],
  );
  const anchor: number[] = [];
  const positive: number[] = [];
  const negative: number[] = [];
  set.probes.forEach((probe, a) => {
    const positives = set.tracks[probe.track]!.probes.filter((k) => k !== a);
    const others =
      negatives === 'co-occurring'
        ? strangerProbes[probe.track]!
        : seenTogether.get(probe.moment)!.filter((k) => set.probes[k]!.track !== probe.track);
    if (positives.length === 0 || others.length === 0) return;
    const distanceTo = (k: number) => embeddingDistance(rows[a]!, rows[k]!, metric);
    anchor.push(a);
    positive.push(atQuantile(positives, distanceTo, towards(positiveQuantile, 1)));
    negative.push(atQuantile(others, distanceTo, towards(negativeQuantile, 0)));
  });
  return {
    anchor: Int32Array.from(anchor),
    positive: Int32Array.from(positive),
    negative: Int32Array.from(negative),
  };
}

/** The candidate at a quantile of the distances; the first of equals at the ends. */
function atQuantile(candidates: readonly number[], distanceTo: (k: number) => number, quantile: number): number {
  if (quantile <= 0 || quantile >= 1) {
    const sign = quantile <= 0 ? 1 : -1;
    let best = candidates[0]!;
    let least = sign * distanceTo(best);
    for (let i = 1; i < candidates.length; i++) {
      const value = sign * distanceTo(candidates[i]!);
      if (value < least) {
        least = value;
        best = candidates[i]!;
      }
    }
    return best;
  }
  const distances = Float64Array.from(candidates, distanceTo);
  const order = candidates.map((_, i) => i).sort((i, j) => distances[i]! - distances[j]!);
  return candidates[order[Math.round(quantile * (order.length - 1))]!]!;
}
