import { believedWhitenings } from './believed-whitenings.ts';
import { embedProbes } from './embed.ts';
import type { FineTuneBest, FineTuneInput } from './fine-tune-types.ts';
import {
  accuracyStatistic,
  buildScorePairs,
  rankStatistic,
  type ScorePairs,
  scoreDistances,
} from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import { blend, copyWeights, type Weights, weightsAreFinite } from './weights.ts';
import { identityMatrix, trackStatistics, whiteningMatrix } from './whitening.ts';

/** Judges embeddings of the held-out tracks: candidates are ranked by `rank`, people are told `score`. */
export type Scorer = (embeddings: Float32Array) => { rank: number; score: number };

/** Null where the held-out tracks give no pairs to judge by. */
export function createScorer({ heldOut, options }: FineTuneInput): Scorer | null {
  const pairs: ScorePairs | null = buildScorePairs(heldOut, { minGap: options.scoreGap });
  if (pairs === null) return null;
  return (embeddings) => {
    const dimension = embeddings.length / heldOut.probes.length;
    const distances = scoreDistances(pairs, embeddings, { dimension, metric: options.triplets.metric });
    return { score: accuracyStatistic(distances), rank: rankStatistic(distances) };
  };
}

/** Embeddings of all probes of a set under the weights that the trainer holds. */
export async function embedSet({ trainer, bank }: FineTuneInput, set: LearningSet): Promise<Float32Array> {
  return (
    await embedProbes(
      trainer,
      bank,
      set.probes.map((p) => p.row),
    )
  ).values;
}

interface Way {
  /** Where training began, and its last moving average after `step` updates. */
  readonly base: Weights;
  readonly average: Weights;
  readonly step: number;
  readonly scorer: Scorer;
}

/** Shares of the way from the first weights to the last average that are tried at the end. */
const SHARES = [0, 0.15, 0.3, 0.5, 0.7, 1];

/**
 * The best-scored weights on the straight way from where training began to its last average. The best of many states along
 * training's own way wins by luck when few tracks judge; on the straight one scores rise and fall smoothly, and on real video
 * a part of it generalises where the whole does not (docs/decisions/019).
 */
export async function bestOnTheWay(
  { trainer, ...input }: FineTuneInput,
  { average, base, step, scorer }: Way,
): Promise<FineTuneBest> {
  let best: FineTuneBest = { weights: base, rank: null, score: null, step: 0, share: 0, whitening: null };
  for (const share of SHARES) {
    const weights = copyWeights(average);
    blend(weights, base, share);
    await trainer.load(weights);
    const { rank, score } = scorer(await embedSet({ trainer, ...input }, input.heldOut));
    if (best.rank === null || rank > best.rank)
      best = { weights, rank, score, step: share === 0 ? 0 : step, share, whitening: null };
  }
  return best;
}

/**
 * The best weights with another last layer, in which the training tracks are whitened, where the held-out tracks score higher so;
 * the weights as they are otherwise. No training step is needed, only embeddings of the training tracks, and of the held-out ones
 * for each option (docs/decisions/021).
 */
export async function whitenBest(
  input: FineTuneInput,
  { best, base, scorer }: { readonly best: FineTuneBest; readonly base: Weights; readonly scorer: Scorer },
): Promise<FineTuneBest> {
  const { trainer, training, options, signal } = input;
  if (options.whitening === null || training.probes.length === 0) return best;
  const embedded = async (weights: Weights) => {
    await trainer.load(weights);
    const values = await embedSet(input, training);
    const dimension = values.length / training.probes.length;
    return { values, dimension, metric: options.triplets.metric ?? 'euclidean' };
  };
  // By weights that have not seen these tracks: under the trained ones they look better than any whitening could make them.
  const untrained = await embedded(base);
  if (!(await trainer.projected(identityMatrix(untrained.dimension)))) return best;
  const { scoreGap, whitening: all } = options;
  const believed = believedWhitenings(training, untrained, { options: all, scoreGap });
  const statistics = trackStatistics(training, best.step === 0 ? untrained : await embedded(best.weights));
  if (!statistics) return best;
  let found = best;
  for (const whitening of believed) {
    if (signal?.aborted) break;
    await trainer.load(best.weights);
    const weights = await trainer.projected(whiteningMatrix(statistics, whitening));
    if (!weights || !weightsAreFinite(weights)) continue;
    await trainer.load(weights);
    const { rank, score } = scorer(await embedSet(input, input.heldOut));
    if (found.rank === null || rank > found.rank) found = { ...best, weights, rank, score, whitening };
  }
  return found;
}
