import { type Random, shuffle } from '../evaluation/random.ts';
import { embeddingDistance } from '../recognition/gallery.ts';
import type { LearningSet } from './learning-set.ts';
import type { Embedded } from './track-distances.ts';
import type { Triplets } from './triplets.ts';

export interface SelectionOptions {
  /** Largest share of a pass that triplets of one track's anchors may have, 0..1 (1 = off): nobody dominates by standing around. */
  readonly maxTrackShare: number;
  /** How much the quality of the poorest of the three faces weighs: the chance to be kept is quality to this power. 0 = off. */
  readonly qualityPower: number;
  /**
   * Leaves out triplets whose negative is already farther than the positive by the margin and this much more (squared
   * distances, in margins): they have no gradient now and will hardly get one. Null = off.
   */
  readonly slack: number | null;
  /** Most triplets a pass, null = all. */
  readonly maxTriplets: number | null;
}

export const allTriplets: SelectionOptions = { maxTrackShare: 1, qualityPower: 0, slack: null, maxTriplets: null };

/** Which of Algorithm 1's triplets are trained on, in random order. */
export function selectTriplets(
  triplets: Triplets,
  of: { readonly set: LearningSet; readonly embedded: Embedded; readonly margin: number; readonly random: Random },
  options: SelectionOptions,
): Triplets {
  const { set, embedded, margin, random } = of;
  let kept = Array.from(triplets.anchor, (_, i) => i);
  if (options.slack !== null) {
    const enough = margin * (1 + options.slack);
    kept = kept.filter((i) => advantage(triplets, i, embedded) < enough);
  }
  if (options.qualityPower > 0) kept = byQuality(kept, triplets, { set, random, power: options.qualityPower });
  const order = shuffle([...kept], random);
  const cap = trackCap(countByTrack(order, triplets, set), options.maxTrackShare);
  const taken = new Map<number, number>();
  const balanced = order.filter((i) => {
    const { track } = set.probes[triplets.anchor[i]!]!;
    const count = (taken.get(track) ?? 0) + 1;
    taken.set(track, count);
    return count <= cap;
  });
  // A shorter list keeps the balance, because it was drawn in random order.
  const chosen = options.maxTriplets === null ? balanced : balanced.slice(0, options.maxTriplets);
  const pick = (values: Int32Array) => Int32Array.from(chosen, (i) => values[i]!);
  return { anchor: pick(triplets.anchor), positive: pick(triplets.positive), negative: pick(triplets.negative) };
}

/** How much farther the negative is than the positive, as squared distance of the trained embeddings. */
function advantage({ anchor, positive, negative }: Triplets, i: number, embedded: Embedded): number {
  const { values, dimension, metric } = embedded;
  const row = (p: number) => values.subarray(p * dimension, (p + 1) * dimension);
  const squared = (a: number, b: number) => {
    const distance = embeddingDistance(row(a), row(b), metric);
    // Of unit vectors |a - b|^2 = 2 (1 - cos).
    return metric === 'cosine' ? 2 * distance : distance * distance;
  };
  return squared(anchor[i]!, negative[i]!) - squared(anchor[i]!, positive[i]!);
}

function byQuality(
  kept: readonly number[],
  { anchor, positive, negative }: Triplets,
  { set, random, power }: { set: LearningSet; random: Random; power: number },
): number[] {
  const quality = kept.map((i) =>
    Math.min(...[anchor[i]!, positive[i]!, negative[i]!].map((p) => set.probes[p]!.quality)),
  );
  const best = quality.reduce((a, b) => Math.max(a, b), 0);
  if (best === 0) return [...kept];
  return kept.filter((_, k) => random() < (quality[k]! / best) ** power);
}

function countByTrack(order: readonly number[], { anchor }: Triplets, set: LearningSet): number[] {
  const counts = new Map<number, number>();
  for (const i of order) {
    const { track } = set.probes[anchor[i]!]!;
    counts.set(track, (counts.get(track) ?? 0) + 1);
  }
  return [...counts.values()];
}

/**
 * Most triplets of one track, so that no track has more than `share` of what is left; with fewer tracks than that allows
 * for, all get the same.
 */
export function trackCap(counts: readonly number[], share: number): number {
  const most = Math.max(0, ...counts);
  const allowed = Math.max(share, 1 / Math.max(1, counts.length));
  const left = (cap: number) => counts.reduce((sum, n) => sum + Math.min(n, cap), 0);
  let low = 1;
  let high = Math.max(1, most);
  // `cap / left(cap)` never falls as the cap rises.
  while (low < high) {
    const cap = Math.ceil((low + high) / 2);
    if (cap <= allowed * left(cap) + 1e-9) low = cap;
    else high = cap - 1;
  }
  return low;
}
