import type { Metric } from '../recognition/gallery.ts';
import { trackImpostors } from '../recognition/impostor-tail.ts';
import type { CrossFit } from './cross-fit.ts';

/** Rate of false matches, and number of pairs within it, below which a quantile of the held-out impostors would be noise. */
const LEAST = { rate: 0.02, pairs: 5 } as const;

export interface Compared extends Pick<CrossFit, 'judged' | 'before' | 'after' | 'dimension'> {
  readonly metric: Metric;
}

/**
 * The candidate's distances live on another scale. Its threshold accepts the same share of the held-out impostors as the champion's does,
 * compared as decisions compare: tracks, not single faces, whose noise keeps strangers apart. Where that share is too small to be
 * measured, the threshold moves as the closest of them do (decision 037).
 *
 * @returns a distance; the champion's where the held-out tracks hold no two people seen together
 */
export function matchedThreshold(
  championThreshold: number,
  { judged, before, after, dimension, metric }: Compared,
): number {
  const impostors = (embeddings: Float32Array) =>
    Float64Array.from(trackImpostors(judged, embeddings, { dimension, metric }).distances).sort();
  const champion = impostors(before);
  const candidate = impostors(after);
  const accepted = champion.filter((d) => d <= championThreshold).length / champion.length;
  const rate = Math.max(LEAST.rate, accepted, Math.min(0.5, LEAST.pairs / champion.length));
  const at = (distances: Float64Array) =>
    distances[Math.min(distances.length - 1, Math.floor(rate * distances.length))];
  const [was, is] = [at(champion), at(candidate)];
  return was !== undefined && is !== undefined && was > 0 ? (championThreshold * is) / was : championThreshold;
}
