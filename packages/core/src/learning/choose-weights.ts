import type { CentringOptions } from './condition-centring.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { finish } from './finishing.ts';
import { embedHeldOut } from './held-out.ts';
import {
  accuracyStatistic,
  buildScorePairs,
  rankStatistic,
  type ScorePairs,
  scoreDistances,
} from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import type { LearningSplit } from './split.ts';
import { blend, copyWeights, sameWeights, type Weights, weightsAreFinite } from './weights.ts';
import type { WhiteningOptions } from './whitening.ts';

/** Judges embeddings of the held-out tracks: candidates are ranked by `rank`, people are told `score`. */
export type Scorer = (embeddings: Float32Array) => { rank: number; score: number };

/** Null where the held-out tracks give no pairs to judge by. */
export function createScorer({ heldOut, options }: Pick<FineTuneInput, 'heldOut' | 'options'>): Scorer | null {
  const pairs: ScorePairs | null = buildScorePairs(heldOut, options.scoring);
  if (pairs === null) return null;
  return (embeddings) => {
    const dimension = embeddings.length / heldOut.probes.length;
    const distances = scoreDistances(pairs, embeddings, { dimension, metric: options.triplets.metric });
    return { score: accuracyStatistic(distances), rank: rankStatistic(distances) };
  };
}

/**
 * A training that is over: what it learnt from, what it did without, the weights from before it, and the straight way of its triplets, from where
 * those began (which is `first` where no altered copies were made alike) to the last average.
 */
export interface TrainedPart extends LearningSplit {
  readonly first: Weights;
  readonly base: Weights;
  readonly average: Weights;
}

/** What was chosen for all trainings alike, and the weights that it makes of each. */
export interface Choice {
  /** Whether altered copies of faces were made alike first. */
  readonly consistent: boolean;
  /** How far the weights go from where training on triplets began to its last average, 0..1. */
  readonly share: number;
  /** How far embeddings were centred by conditions then; null = as they were. */
  readonly centring: CentringOptions | null;
  /** What was done to the last layer; null = nothing. */
  readonly whitening: WhiteningOptions | null;
  /** What the choice was made by, see `Scorer`; null where nothing could be scored. */
  readonly rank: number | null;
  readonly score: number | null;
  /** By training. */
  readonly weights: readonly Weights[];
}

export type ChoiceInput = Pick<FineTuneInput, 'trainer' | 'bank' | 'first' | 'copies' | 'options' | 'signal'>;

/**
 * The choice that ranks highest on what the trainings did without, all of it together, or the usual one: a share of the straight way of
 * training, and then what can be done in closed form (see `finish`). Without pairs to judge by the whole way stands for the trainings,
 * for the gate to judge.
 *
 * @param judged all held-out probes, in any order; strangers only where one training did without both
 */
export async function chooseWeights(
  input: ChoiceInput,
  parts: readonly TrainedPart[],
  judged: LearningSet,
): Promise<Choice> {
  const scorer = createScorer({ heldOut: judged, options: input.options });
  const isConsistent = parts.some(({ first, base }) => !sameWeights(first, base));
  const along = (share: number): Choice => ({
    consistent: isConsistent,
    share,
    centring: null,
    whitening: null,
    rank: null,
    score: null,
    weights: onTheWay(parts, share),
  });
  if (scorer === null) return along(1);
  const enter = async (entrant: Choice): Promise<Choice> => ({
    ...entrant,
    ...scorer(await embedHeldOut(input, { parts, weights: entrant.weights, judged })),
  });
  const untrained = await enter({ ...along(0), consistent: false, weights: parts.map(({ first }) => first) });
  const begun = isConsistent ? await enter(along(0)) : untrained;
  const entrants = [untrained, begun];
  const hasMoved = parts.some(({ base, average }) => !sameWeights(base, average));
  for (const share of hasMoved ? SHARES : []) entrants.push(await enter(along(share)));
  const trained = entrants.reduce(better);
  const { usualShare } = input.options;
  const proven = async (usual: number) => {
    if (!hasMoved) return begun;
    if (trained.share >= usual) return trained;
    return entrants.find(({ share }) => share === usual) ?? (await enter(along(usual)));
  };
  const usual = usualShare === null ? null : await proven(usualShare);
  return finish(input, { parts, untrained, trained, usual, judged, scorer });
}

/** The first where none is better. */
function better(best: Choice, next: Choice): Choice {
  return (next.rank ?? 0) > (best.rank ?? 0) ? next : best;
}

/** Shares of the way from the first weights to the last average that are tried at the end. */
const SHARES = [0.15, 0.3, 0.5, 0.7, 1];

/**
 * Weights on the straight way from where training began to its last average. The best of many states along training's own way
 * wins by luck when few tracks judge; on the straight one scores rise and fall smoothly, and on real video a part of it
 * generalises where the whole does not (docs/decisions/019). A training that went astray stays where it began.
 */
function onTheWay(parts: readonly TrainedPart[], share: number): Weights[] {
  return parts.map(({ base, average }) => {
    if (share === 0 || !weightsAreFinite(average)) return base;
    const weights = copyWeights(average);
    blend(weights, base, share);
    return weights;
  });
}
