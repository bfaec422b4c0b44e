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

/** Weights that stand for election at the end of training. */
type Entrant = Omit<FineTuneBest, 'rank' | 'score'>;

/** Compares weights on the held-out tracks and keeps the best, the first to be entered where none is better. */
interface Contest {
  readonly enter: (entrant: Entrant) => Promise<void>;
  readonly best: () => FineTuneBest;
}

function openContest(input: FineTuneInput, scorer: Scorer): Contest {
  let best: FineTuneBest | null = null;
  return {
    enter: async (entrant) => {
      await input.trainer.load(entrant.weights);
      const { rank, score } = scorer(await embedSet(input, input.heldOut));
      if (best === null || best.rank === null || rank > best.rank) best = { ...entrant, rank, score };
    },
    best: () => {
      if (best === null) throw new Error('Nobody was entered');
      return best;
    },
  };
}

/** Where training began, and its last moving average after `step` updates. */
export interface Way {
  readonly base: Weights;
  readonly average: Weights;
  readonly step: number;
}

/** The weights that rank highest on the held-out tracks: on the straight way of training, and then with another last layer. */
export async function chooseWeights(input: FineTuneInput, way: Way, scorer: Scorer): Promise<FineTuneBest> {
  const contest = openContest(input, scorer);
  await enterTheWay(way, contest);
  await enterWhitened(input, way.base, contest);
  return contest.best();
}

/** Shares of the way from the first weights to the last average that are tried at the end. */
const SHARES = [0, 0.15, 0.3, 0.5, 0.7, 1];

/**
 * Weights on the straight way from where training began to its last average. The best of many states along training's own way
 * wins by luck when few tracks judge; on the straight one scores rise and fall smoothly, and on real video a part of it
 * generalises where the whole does not (docs/decisions/019).
 */
async function enterTheWay({ average, base, step }: Way, contest: Contest): Promise<void> {
  const moved = step > 0 && weightsAreFinite(average);
  for (const share of moved ? SHARES : [0]) {
    const weights = copyWeights(share === 0 ? base : average);
    if (share > 0) blend(weights, base, share);
    await contest.enter({ weights, step: share === 0 ? 0 : step, share, whitening: null });
  }
}

/**
 * The best weights so far with another last layer, in which the training tracks are whitened. No training step is needed, only
 * embeddings of the training tracks, and of the held-out ones for each option (docs/decisions/021).
 */
async function enterWhitened(input: FineTuneInput, base: Weights, contest: Contest): Promise<void> {
  const { trainer, training, options, signal } = input;
  if (options.whitening === null || training.probes.length === 0) return;
  const embedded = async (weights: Weights) => {
    await trainer.load(weights);
    const values = await embedSet(input, training);
    const dimension = values.length / training.probes.length;
    return { values, dimension, metric: options.triplets.metric ?? 'euclidean' };
  };
  // By weights that have not seen these tracks: under the trained ones they look better than any whitening could make them.
  const untrained = await embedded(base);
  if (!(await trainer.projected(identityMatrix(untrained.dimension)))) return;
  const { scoreGap, whitening: all } = options;
  const believed = believedWhitenings(training, untrained, { options: all, scoreGap });
  const trained = contest.best();
  const statistics = trackStatistics(training, trained.step === 0 ? untrained : await embedded(trained.weights));
  if (!statistics) return;
  for (const whitening of believed) {
    if (signal?.aborted) break;
    await trainer.load(trained.weights);
    const weights = await trainer.projected(whiteningMatrix(statistics, whitening));
    if (weights && weightsAreFinite(weights)) await contest.enter({ ...trained, weights, whitening });
  }
}
