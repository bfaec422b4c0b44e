import { embeddingDistance, type Random } from '@saface/core';

export interface LabelledBatch {
  /** Who each sample shows. */
  readonly labels: readonly number[];
  /** Float32 of `labels.length * dimension`, unit vectors or not; distances are the cosine metric's. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
}

export interface LabelledTriplet {
  readonly anchor: number;
  readonly positive: number;
  readonly negative: number;
}

/**
 * One triplet for every sample of a labelled batch: a random picture of the same person, and one of somebody else drawn from
 * the `hardest` share of those by distance. Always the very hardest makes an untrained network collapse into one point.
 */
export function labelledTriplets(batch: LabelledBatch, hardest: number, random: Random): LabelledTriplet[] {
  const { labels, embeddings, dimension } = batch;
  const row = (i: number) => embeddings.subarray(i * dimension, (i + 1) * dimension);
  return labels.flatMap((label, anchor) => {
    const positives = labels.flatMap((other, i) => (other === label && i !== anchor ? [i] : []));
    const negatives = labels
      .flatMap((other, i) => (other === label ? [] : [{ i, d: embeddingDistance(row(anchor), row(i), 'cosine') }]))
      .sort((a, b) => a.d - b.d || a.i - b.i);
    if (positives.length === 0 || negatives.length === 0) return [];
    const among = Math.max(1, Math.ceil(hardest * negatives.length));
    const positive = positives[Math.floor(random() * positives.length)];
    const negative = negatives[Math.floor(random() * among)].i;
    return [{ anchor, positive, negative }];
  });
}
