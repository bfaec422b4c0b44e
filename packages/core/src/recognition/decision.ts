import type { Gallery, GalleryMatch } from './gallery.ts';
import { normalised } from './gallery.ts';

export interface DecisionProbe {
  readonly embedding: Float32Array;
  /** 0..1, see `probeMetaSchema`. */
  readonly quality: number;
}

export interface DecisionOptions {
  /** Largest distance at which two faces may be one person. */
  readonly threshold: number;
  /** How much nearer the best identity must be than the runner-up, as a share of the threshold: versions differ in scale. */
  readonly margin: number;
  /** Probes of sufficient quality needed before a decision. */
  readonly minProbes: number;
  readonly minQuality: number;
  /** Only this many probes of highest quality speak for the track. Default 5. */
  readonly bestProbes?: number;
}

export type TrackDecision =
  | { readonly kind: 'undecided'; readonly goodProbes: number; readonly neededProbes: number }
  | {
      readonly kind: 'recognised';
      readonly identityId: string;
      readonly distance: number;
      readonly runnerUp: GalleryMatch | null;
    }
  | {
      readonly kind: 'unknown';
      /** `empty-gallery`: nobody to compare with; `too-far`: nobody is near enough; `ambiguous`: two people are. */
      readonly reason: 'empty-gallery' | 'too-far' | 'ambiguous';
      readonly best: GalleryMatch | null;
      readonly runnerUp: GalleryMatch | null;
    };

/**
 * Who a track is, from its best probes together rather than from each frame (open set, section 2). Blurred and turned
 * faces pull an embedding towards everybody; so only the best probes speak, weighted by quality, as one mean embedding.
 */
export function decideTrack(
  probes: readonly DecisionProbe[],
  gallery: Gallery,
  options: DecisionOptions,
): TrackDecision {
  const good = selectBest(probes, options);
  if (good.length < Math.max(1, options.minProbes)) {
    const goodProbes = probes.filter((p) => p.quality >= options.minQuality).length;
    return { kind: 'undecided', goodProbes, neededProbes: Math.max(1, options.minProbes) };
  }
  const [best = null, runnerUp = null] = gallery.search(aggregate(good, gallery), 2);
  if (best === null) return { kind: 'unknown', reason: 'empty-gallery', best, runnerUp };
  const reason = judgeDistances(best.distance, runnerUp?.distance ?? null, options);
  if (reason !== 'near') return { kind: 'unknown', reason, best, runnerUp };
  return { kind: 'recognised', identityId: best.identityId, distance: best.distance, runnerUp };
}

/** Whether the nearest of the enrolled is near enough for a name, and the second (null = there is none) far enough behind. */
export function judgeDistances(
  nearest: number,
  second: number | null,
  { threshold, margin }: Pick<DecisionOptions, 'threshold' | 'margin'>,
): 'near' | 'too-far' | 'ambiguous' {
  // Written so that a threshold or margin that is not a number can only ever lead to "unknown".
  if (!(nearest <= threshold)) return 'too-far';
  return second === null || second - nearest >= margin * threshold ? 'near' : 'ambiguous';
}

function selectBest(probes: readonly DecisionProbe[], options: DecisionOptions): DecisionProbe[] {
  const limit = Math.max(options.bestProbes ?? 5, options.minProbes);
  return probes
    .filter((p) => p.quality >= options.minQuality)
    .sort((a, b) => b.quality - a.quality)
    .slice(0, limit);
}

/** Quality-weighted mean of the embeddings, of unit length for the cosine metric. */
function aggregate(probes: readonly DecisionProbe[], gallery: Gallery): Float32Array {
  const sum = new Float32Array(gallery.dimension);
  // A floor keeps a track decidable when its quality measure is 0 throughout and nothing was asked of it.
  const weights = probes.map((p) => Math.max(p.quality, 1e-3));
  const total = weights.reduce((a, b) => a + b, 0);
  probes.forEach((probe, i) => {
    const embedding = gallery.metric === 'cosine' ? normalised(probe.embedding) : probe.embedding;
    for (let k = 0; k < sum.length; k++) sum[k]! += (embedding[k]! * weights[i]!) / total;
  });
  return gallery.metric === 'cosine' ? normalised(sum) : sum;
}
