import { Matrix } from 'ml-matrix';
import { consistencyOf } from './altered-copies.ts';
import { believedWhitenings, type Mappable } from './believed-whitenings.ts';
import type { Choice, ChoiceInput, Scorer, TrainedPart } from './choose-weights.ts';
import {
  type CentringOptions,
  centred,
  centringsOf,
  channelMeans,
  evenedBy,
  fitLevels,
  type LevelScale,
  readLevels,
  unevenedBy,
} from './condition-centring.ts';
import { MIN_ERROR_CUT } from './gate.ts';
import { embedSet, gatherHeldOut } from './held-out.ts';
import type { LearningSet } from './learning-set.ts';
import { sameWeights, type Weights, weightsAreFinite } from './weights.ts';
import {
  type EmbeddingMap,
  identityMap,
  mapAfter,
  mapped,
  trackStatistics,
  type WhiteningOptions,
  whiteningMap,
} from './whitening.ts';

export interface Contest {
  readonly parts: readonly TrainedPart[];
  /** The weights that training began with, and what ranks highest of those that it led to; perhaps the same. */
  readonly untrained: Choice;
  readonly trained: Choice;
  /** As far on the way as what has proved itself goes, or further; perhaps `trained`. Null = nothing is trusted. */
  readonly usual: Choice | null;
  readonly judged: LearningSet;
  readonly scorer: Scorer;
}

/**
 * What is done to weights at the end in closed form, each training by its own tracks: what all faces under the same conditions have
 * in common is taken out (docs/decisions/027), the last layer makes altered copies of a face more alike where there are any (040), and
 * is whitened (021). No training step is needed, nor the learner for each option: embeddings under an offset, a map and other lengths are
 * computed from embeddings.
 *
 * All of it, after the usual share of training, is what has proved itself. As long as what is served has no centring, that is chosen unless
 * the held-out tracks speak against it, see `leastToBelieve` and docs/decisions/035; otherwise what ranks highest.
 */
export async function finish(input: ChoiceInput, contest: Contest): Promise<Choice> {
  const { untrained, trained } = contest;
  const { centring } = input.options;
  const bare = centring && (await bareOf(input, untrained.weights));
  const conditions = bare && (await conditionsOf(input, contest.parts));
  const isFirst = bare?.every((weights, part) => sameWeights(weights, untrained.weights[part]!)) ?? false;
  const usual = conditions && isFirst ? contest.usual : null;
  const sources = new Set([trained, ...(usual ? [usual] : []), untrained]);
  const stages = new Map<Choice, Stage>();
  const uncentred = await entrantsIn(input, contest, { sources, centring: null, conditions: null, stages });
  const centred = conditions
    ? await entrantsIn(input, contest, { sources, centring, conditions, stages: isFirst ? stages : new Map() })
    : [];
  const ranked = [...uncentred, ...centred].toSorted((a, b) => b.rank - a.rank);
  const served = untrained.rank ?? 0;
  // Without an emphasis, as whitenings are offered: stretching has to be believed in first.
  const proven = centred.find((entrant) => entrant.from === usual);
  const isBelieved = proven && proven.rank > served && proven.rank >= leastToBelieve(ranked[0]!.rank, served);
  for (const { from, mapsOf, ...entrant } of isBelieved ? [proven, ...ranked] : ranked) {
    const weights = await written(input, entrant.weights, mapsOf?.() ?? null);
    if (weights) return { ...entrant, consistent: from.consistent, share: from.share, weights };
  }
  return trained;
}

/**
 * Share of the error by which held-out tracks may be wrong about what has proved itself on other cameras: few tracks say little, and
 * what wins among many options on them often wins by luck (docs/decisions/035).
 */
const TRUST = 0.1;

/**
 * What something that has proved itself has to rank, where the best of everything ranks `best`.
 * @param served rank of what is served: below what the gate asks for beyond it nothing is trusted, as it could not be promoted
 */
export function leastToBelieve(best: number, served = 0): number {
  const trusted = best - TRUST * (1 - best);
  const promotable = served + MIN_ERROR_CUT * (1 - served);
  return Math.max(trusted, Math.min(best, promotable));
}

/** How channels vary on this camera: one scale for all trainings, so that the mean of their weights has it as well. */
interface Conditions {
  readonly scale: LevelScale;
  /** Standardised levels of a part's probes. */
  of(part: LearningSet): Matrix;
}

/**
 * By the tracks of the training that has most. Of several some hold a part of those out; then it has seen how these faces are seen,
 * but not whose they are. Null where channels say nothing.
 */
async function conditionsOf({ trainer, bank }: ChoiceInput, parts: readonly TrainedPart[]): Promise<Conditions | null> {
  const { training: most } = parts.toSorted((a, b) => b.training.probes.length - a.training.probes.length)[0]!;
  const rows = [...new Set(parts.flatMap(({ training, heldOut }) => [training, heldOut].flatMap(rowsOf)))];
  const position = new Map(rows.map((row, i) => [row, i]));
  const select = (matrix: Matrix, part: LearningSet) =>
    // `Matrix.subMatrixRow` does not know none of them.
    part.probes.length > 0
      ? matrix.subMatrixRow(rowsOf(part).map((row) => position.get(row)!))
      : Matrix.zeros(0, matrix.columns);
  const means = await channelMeans(bank, rows, trainer.featureShape);
  const scale = fitLevels(most, select(means, most));
  if (scale === null) return null;
  const levels = readLevels(scale, means);
  return { scale, of: (part) => select(levels, part) };
}

interface Manner {
  /** What entrants are made of. */
  readonly sources: ReadonlySet<Choice>;
  readonly centring: CentringOptions | null;
  readonly conditions: Conditions | null;
  /** What was embedded before without any centring. */
  readonly stages: Map<Choice, Stage>;
}

/** Weights of each training, with what they make of its tracks and of those that it did without. */
type Stage = readonly {
  readonly weights: Weights;
  readonly training: Mappable;
  readonly heldOut: Mappable;
  /** What brings the copies of a face together; null = nothing is known of copies. */
  readonly consistent: EmbeddingMap | null;
}[];

interface Entrant extends Omit<Choice, 'consistent' | 'share' | 'rank'> {
  /** What this was made of. */
  readonly from: Choice;
  readonly rank: number;
  /** By training, not yet in the weights; made anew when asked for, as all of them would fill the memory. Null = none. */
  readonly mapsOf: (() => EmbeddingMap[]) | null;
}

/** All that can be made in one manner; with a centring only whitened ones, where the learner can be whitened. */
async function entrantsIn(input: ChoiceInput, contest: Contest, manner: Manner): Promise<Entrant[]> {
  const { parts, judged, scorer, untrained } = contest;
  const { centring } = manner;
  const before = await stageOf(input, contest, { from: untrained, manner });
  if (!before || before[0]!.training.values.length === 0) return [];
  const options = await believed(input, parts, before);
  const entrants: Entrant[] = [];
  for (const from of manner.sources) {
    if (input.signal?.aborted) return [];
    const stage = from === untrained ? before : await stageOf(input, contest, { from, manner });
    if (!stage) continue;
    const enter = (whitening: WhiteningOptions | null, mapsOf: (() => EmbeddingMap[]) | null) => {
      const maps = mapsOf?.();
      const embedded = stage.map(({ heldOut: { values, dimension, evening = null } }, part) =>
        evenedBy(maps ? mapped(values, maps[part]!, dimension) : values, dimension, evening),
      );
      const weights = stage.map((part) => part.weights);
      const scored = scorer(gatherHeldOut({ parts, judged }, embedded));
      entrants.push({ from, ...scored, centring, whitening, weights, mapsOf });
    };
    if (centring === null || options.length === 0) enter(null, null);
    const statistics = stage.map(({ training, consistent }, part) =>
      trackStatistics(parts[part]!.training, consistent ? under(consistent, training) : training),
    );
    if (statistics.some((found) => found === null)) continue;
    for (const whitening of options)
      enter(whitening, () =>
        stage.map(({ consistent }, part) => {
          const map = whiteningMap(statistics[part]!, whitening);
          return consistent ? mapAfter(consistent, map) : map;
        }),
      );
  }
  return entrants;
}

function under(map: EmbeddingMap, of: Mappable): Mappable {
  return { ...of, values: mapped(of.values, map, of.dimension) };
}

/** Weights under their maps; null where one cannot be written. */
async function written(
  { trainer }: ChoiceInput,
  weights: readonly Weights[],
  maps: readonly EmbeddingMap[] | null,
): Promise<Weights[] | null> {
  const changed: Weights[] = [];
  for (const [part, own] of weights.entries()) {
    if (maps) await trainer.load(own);
    const projected = maps ? await trainer.projected(maps[part]!) : own;
    if (!projected || !weightsAreFinite(projected)) return null;
    changed.push(projected);
  }
  return changed;
}

/** Null where embeddings are no numbers. */
async function stageOf(
  input: ChoiceInput,
  { parts }: Contest,
  { from, manner: { centring, conditions, stages } }: { readonly from: Choice; readonly manner: Manner },
): Promise<Stage | null> {
  const { trainer } = input;
  const known = stages.get(from);
  const plain: Stage[number][] = [];
  for (const [part, { training, heldOut }] of known ? [] : parts.entries()) {
    await trainer.load(from.weights[part]!);
    const weights = centring ? (await trainer.centred(null))! : from.weights[part]!;
    await trainer.load(weights);
    const matrix = await consistencyOf(input, training);
    plain.push({
      weights,
      training: await mappable(input, training),
      heldOut: await mappable(input, heldOut),
      consistent: matrix && { matrix, offset: null },
    });
  }
  const stage = known ?? plain;
  if (!centring || !conditions) {
    stages.set(from, stage);
    return stage;
  }
  const seen: Stage[number][] = [];
  for (const [part, { weights, training, heldOut, consistent }] of stage.entries()) {
    const levels = conditions.of(parts[part]!.training);
    const make = centringsOf(parts[part]!.training, { ...conditions, levels, embeddings: training.values });
    if (!make) return null;
    const made = make(centring);
    await trainer.load(weights);
    const written = await trainer.centred(made);
    if (!written || !weightsAreFinite(written)) return null;
    const seenBy = (of: Mappable, at: Matrix): Mappable => ({
      ...of,
      values: centred(of.values, at, { ...made, length: null }),
      evening: made.length,
    });
    const held = conditions.of(parts[part]!.heldOut);
    // What a centring adds is fitted by least squares, and so the same under a map of the last layer: the two may come in either order.
    // Only the lengths that are evened to are those from before that map.
    seen.push({ weights: written, training: seenBy(training, levels), heldOut: seenBy(heldOut, held), consistent });
  }
  return seen;
}

/** A set's embeddings under the weights that the trainer holds, as the last layer and the branch make them. */
async function mappable(input: ChoiceInput, set: LearningSet): Promise<Mappable> {
  const embedded = set.probes.length > 0 ? await embedSet(input, set) : new Float32Array(0);
  const dimension = embedded.length / Math.max(1, set.probes.length);
  const evening = await input.trainer.evening();
  const values = unevenedBy(embedded, dimension, evening);
  return { values, dimension, metric: input.options.triplets.metric ?? 'euclidean', evening };
}

/**
 * The whitenings that the learner can take and the tracks of every training believe in, by weights that have not seen these tracks:
 * under trained ones they look better than any whitening could make them.
 */
async function believed(
  { trainer, options }: ChoiceInput,
  parts: readonly TrainedPart[],
  stage: Stage,
): Promise<WhiteningOptions[]> {
  // Of lengths that are all the same nobody knows what they were.
  if (options.whitening === null || stage.some(({ training }) => training.evening?.kept === 0)) return [];
  let left = await takenBy(trainer, stage[0]!.training.dimension, options.whitening);
  for (const [part, { training }] of parts.entries())
    left = believedWhitenings(training, stage[part]!.training, { options: left, scoring: options.scoring });
  return left;
}

/** Without a linear last layer nothing can be whitened, and without an offset there nothing centred. */
async function takenBy(
  trainer: Pick<ChoiceInput['trainer'], 'projected'>,
  dimension: number,
  options: readonly WhiteningOptions[],
): Promise<WhiteningOptions[]> {
  const { matrix } = identityMap(dimension);
  const takes = async (offset: Float64Array | null) => (await trainer.projected({ matrix, offset })) !== null;
  if (await takes(new Float64Array(dimension))) return [...options];
  return (await takes(null)) ? options.filter(({ centring }) => centring === 0) : [];
}

/** The same weights without any centring; null where the learner has no branch for one. */
async function bareOf({ trainer }: ChoiceInput, weights: readonly Weights[]): Promise<Weights[] | null> {
  const bare: Weights[] = [];
  for (const own of weights) {
    await trainer.load(own);
    const without = await trainer.centred(null);
    if (!without) return null;
    bare.push(without);
  }
  return bare;
}

function rowsOf({ probes }: LearningSet): number[] {
  return probes.map(({ row }) => row);
}
