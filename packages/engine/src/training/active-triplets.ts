import type { EmbeddingMetric } from './triplet-loss.ts';

/** Below this share of triplets with a loss it is quicker to embed all first and to differentiate those alone. */
export const SPARSE_SHARE = 0.6;

/** Losses nearer to 0 than this may round to either side; what computes the gradients decides. */
const ROUNDING = 1e-4;

/**
 * What each triplet's loss would be if it could be negative: |a - p|^2 - |a - n|^2 + margin.
 * @param embeddings [3B, D]: B anchors, B positives, B negatives; under `cosine` of any length
 */
export function tripletExcess(
  embeddings: Float32Array,
  { triplets, metric, margin }: { triplets: number; metric: EmbeddingMetric; margin: number },
): Float64Array {
  const dimension = embeddings.length / (3 * triplets);
  const row = (sample: number) => {
    const own = embeddings.subarray(sample * dimension, (sample + 1) * dimension);
    return metric === 'cosine' ? normalised(own) : own;
  };
  return Float64Array.from({ length: triplets }, (_, i) => {
    const [anchor, positive, negative] = [row(i), row(triplets + i), row(2 * triplets + i)];
    let excess = margin;
    for (let d = 0; d < dimension; d++) excess += (anchor[d]! - positive[d]!) ** 2 - (anchor[d]! - negative[d]!) ** 2;
    return excess;
  });
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Positions of the triplets that have a gradient; one that is no number counts, so that it is noticed. */
export function activeTriplets(excess: Float64Array): number[] {
  return Array.from(excess.keys()).filter((i) => !(excess[i]! < -ROUNDING));
}
