import { believedWhitenings, type Mappable } from './believed-whitenings.ts';
import { evenedBy, unevenedBy } from './condition-centring.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { MIN_ERROR_CUT } from './gate.ts';
import { embedHeldOut, embedSet, gatherHeldOut } from './held-out.ts';
import {
  accuracyStatistic,
  buildScorePairs,
  rankStatistic,
  type ScorePairs,
  scoreDistances,
} from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import type { LearningSplit } from './split.ts';
import { blend, copyWeights, type Weights, weightsAreFinite } from './weights.ts';
import {
  type EmbeddingMap,
  identityMap,
  mapped,
  type TrackStatistics,
  trackStatistics,
  type WhiteningOptions,
  whiteningMap,
} from './whitening.ts';

/** Judges embeddings of the held-out tracks: candidates are ranked by `rank`, people are told `score`. */
export type Scorer = (embeddings: Float32Array) => { rank: number; score: number };

/** Null where the held-out tracks give no pairs to judge by. */
export function createScorer({ heldOut, options }: Pick<FineTuneInput, 'heldOut' | 'options'>): Scorer | null {
  const pairs: ScorePairs | null = buildScorePairs(heldOut, { minGap: options.scoreGap });
  if (pairs === null) return null;
  return (embeddings) => {
    const dimension = embeddings.length / heldOut.probes.length;
    const distances = scoreDistances(pairs, embeddings, { dimension, metric: options.triplets.metric });
    return { score: accuracyStatistic(distances), rank: rankStatistic(distances) };
  };
}

/** A training that is over: what it learnt from, what it did without, and the straight way from its first weights to its last average. */
export interface TrainedPart extends LearningSplit {
  readonly base: Weights;
  readonly average: Weights;
}

/** What was chosen for all trainings alike, and the weights that it makes of each. */
export interface Choice {
  /** How far the weights go from where training began to its last average, 0..1. */
  readonly share: number;
  /** What was done to the last layer then; null = nothing. */
  readonly whitening: WhiteningOptions | null;
  /** What the choice was made by, see `Scorer`; null where nothing could be scored. */
  readonly rank: number | null;
  readonly score: number | null;
  /** By training. */
  readonly weights: readonly Weights[];
}

/**
 * Share of the error by which held-out tracks may be wrong about what has proved itself on other cameras: few tracks say little, and
 * what wins among many options on them often wins by luck (docs/decisions/027).
 */
const TRUST = 0.1;

/**
 * What something that has proved itself has to rank above, where nothing is done otherwise and ranks `asBefore`.
 * @param served rank of what is served: below what the gate asks for beyond it nothing is trusted, as it could not be promoted
 */
export function leastToBelieve(asBefore: number, served = 0): number {
  const trusted = asBefore - TRUST * (1 - asBefore);
  const promotable = served + MIN_ERROR_CUT * (1 - served);
  return Math.max(trusted, Math.min(asBefore, promotable));
}

type ChoiceInput = Pick<FineTuneInput, 'trainer' | 'bank' | 'options' | 'signal'>;

/**
 * The choice that ranks highest on what the trainings did without, all of it together: a share of the straight way of training, and
 * then another last layer. Without pairs to judge by the whole way stands for the trainings, for the gate to judge.
 *
 * @param judged all held-out probes, in any order; strangers only where one training did without both
 * @param served rank of what is served now, where another last layer is taken unless the held-out tracks speak against it; null =
 * it has to rank higher
 */
export async function chooseWeights(
  input: ChoiceInput,
  parts: readonly TrainedPart[],
  { judged, served = null }: { readonly judged: LearningSet; readonly served?: number | null },
): Promise<Choice> {
  const scorer = createScorer({ heldOut: judged, options: input.options });
  if (scorer === null) return { share: 1, whitening: null, rank: null, score: null, weights: onTheWay(parts, 1) };
  const enter = async (entrant: Omit<Choice, 'rank' | 'score'>): Promise<Choice> => ({
    ...entrant,
    ...scorer(await embedHeldOut(input, { parts, weights: entrant.weights, judged })),
  });
  let best = await enter({ share: 0, whitening: null, weights: onTheWay(parts, 0) });
  for (const share of SHARES)
    best = better(best, await enter({ share, whitening: null, weights: onTheWay(parts, share) }));
  return whitened(input, { parts, trained: best, judged, scorer, served });
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

interface Contest {
  /** See `chooseWeights`. */
  readonly served: number | null;
  readonly parts: readonly TrainedPart[];
  readonly trained: Choice;
  readonly judged: LearningSet;
  readonly scorer: Scorer;
}

/**
 * The trained weights, or those with another last layer, in which the training tracks are whitened, where that ranks high enough. No
 * training step is needed, nor the learner for each option: embeddings under a map are the map of embeddings (docs/decisions/021),
 * whose lengths are evened afterwards where they were before (027). Only whitenings that every training's tracks believe in.
 */
async function whitened(input: ChoiceInput, { parts, trained, judged, scorer, served }: Contest): Promise<Choice> {
  const { trainer, signal } = input;
  const found = await whiteningsOf(input, parts, trained);
  if (!found) return trained;
  const held: Mappable[] = [];
  for (const [part, { heldOut }] of parts.entries())
    held.push(await mappable(input, { set: heldOut, weights: trained.weights[part]! }));
  const entrants: (Omit<Choice, 'weights'> & { readonly rank: number; readonly maps: readonly EmbeddingMap[] })[] = [];
  for (const whitening of found.believed) {
    if (signal?.aborted) return trained;
    const maps = found.statistics.map((of) => whiteningMap(of, whitening));
    const embedded = held.map(({ values, dimension, evening = null }, part) =>
      evenedBy(mapped(values, maps[part]!, found.dimension), dimension, evening),
    );
    entrants.push({ ...trained, whitening, maps, ...scorer(gatherHeldOut({ parts, judged }, embedded)) });
  }
  entrants.sort((a, b) => b.rank - a.rank);
  const asBefore = trained.rank ?? 0;
  const least = served === null ? asBefore : leastToBelieve(asBefore, served);
  for (const { maps, ...entrant } of entrants.filter(({ rank }) => rank > least)) {
    const weights: Weights[] = [];
    for (const [part, map] of maps.entries()) {
      await trainer.load(trained.weights[part]!);
      const projected = await trainer.projected(map);
      if (projected && weightsAreFinite(projected)) weights.push(projected);
    }
    if (weights.length === parts.length) return { ...entrant, weights };
  }
  return trained;
}

/** The options that the learner can take and the tracks of every training believe in, with each training's statistics. */
async function whiteningsOf(
  input: ChoiceInput,
  parts: readonly TrainedPart[],
  trained: Choice,
): Promise<{ believed: WhiteningOptions[]; statistics: TrackStatistics[]; dimension: number } | null> {
  const { trainer, options } = input;
  if (options.whitening === null) return null;
  let believed = [...options.whitening];
  let dimension = 0;
  const statistics: TrackStatistics[] = [];
  for (const [part, { training, base }] of parts.entries()) {
    if (training.probes.length === 0) return null;
    // By weights that have not seen these tracks: under the trained ones they look better than any whitening could make them.
    const untrained = await mappable(input, { set: training, weights: base });
    // Of lengths that are all the same nobody knows what they were.
    if (untrained.evening?.kept === 0) return null;
    dimension = untrained.dimension;
    if (part === 0) believed = await takenBy(trainer, dimension, believed);
    if (believed.length === 0) return null;
    believed = believedWhitenings(training, untrained, { options: believed, scoreGap: options.scoreGap });
    const last =
      trained.share === 0 ? untrained : await mappable(input, { set: training, weights: trained.weights[part]! });
    const found = trackStatistics(training, last);
    if (!found) return null;
    statistics.push(found);
  }
  return { believed, statistics, dimension };
}

/** A set's embeddings under some weights, as the last layer makes them. The trainer holds the weights afterwards. */
async function mappable(
  input: ChoiceInput,
  { set, weights }: { readonly set: LearningSet; readonly weights: Weights },
): Promise<Mappable> {
  await input.trainer.load(weights);
  const embedded = await embedSet(input, set);
  const dimension = embedded.length / Math.max(1, set.probes.length);
  const evening = await input.trainer.evening();
  const values = unevenedBy(embedded, dimension, evening);
  return { values, dimension, metric: input.options.triplets.metric ?? 'euclidean', evening };
}

/** Without a linear last layer nothing can be whitened, and without an offset there nothing centred. */
async function takenBy(
  trainer: Pick<FineTuneInput['trainer'], 'projected'>,
  dimension: number,
  options: readonly WhiteningOptions[],
): Promise<WhiteningOptions[]> {
  const { matrix } = identityMap(dimension);
  const takes = async (offset: Float64Array | null) => (await trainer.projected({ matrix, offset })) !== null;
  if (await takes(new Float64Array(dimension))) return [...options];
  return (await takes(null)) ? options.filter(({ centring }) => centring === 0) : [];
}
