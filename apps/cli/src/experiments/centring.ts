import {
  blend,
  buildScorePairs,
  type CentringOptions,
  centred,
  centringsOf,
  channelMeans,
  cutRecording,
  embedProbes,
  evenedBy,
  fineTune,
  fineTuneOptionsFor,
  fitLevels,
  gatherHeldOut,
  type LearningSet,
  mapped,
  partsOfRecording,
  rankStatistic,
  readLevels,
  SafaceError,
  scoreDistances,
  subset,
  trackStatistics,
  whiteningMap,
} from '@saface/core';
import { errorCut } from '../offline/evaluate.ts';
import { progress } from '../output.ts';
import { type Cell, openCell, openTrainer } from './cell.ts';
import { foldOf } from './fold-of.ts';
import { fineTuneOptions } from './learn-cell.ts';
import type { ModelName } from './models.ts';
import type { SceneName } from './scenes.ts';

export interface CentringCheckOptions {
  readonly model: ModelName;
  readonly scene: SceneName;
  /** Of a simulated scene; see TUNING_WORLD. */
  readonly world: number;
  /** The first five sixths are cut into so many folds, once for each number. */
  readonly counts: readonly number[];
  /** How far on the way of training the weights are first, 0..1; 0 = not trained. */
  readonly trained: number;
}

/** What can be done to embeddings in closed form, in this order (docs/decisions/027 and 021). */
export interface Setting extends CentringOptions {
  /** See `WhiteningOptions.shrinkage`; 1 = no whitening. */
  readonly shrinkage: number;
}

/** What a setting brings on a fold, as shares of the error. */
interface Outcome {
  /** With the labels of the fold. */
  readonly labelled: number;
  /** On the tracks outside, each by a setting that was fitted without it. */
  readonly labelFree: number;
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];
const SHRINKAGES = [1, 0.9, 0.7, 0.5];
/** Angles do not see lengths. */
const EVENNESSES = { euclidean: [0, 0.5, 0.75, 1], cosine: [0] } as const;
/** Of the folds that count: pairs of one person, and tracks outside. */
const FEWEST_PAIRS = 500;
const FEWEST_TRACKS = 8;

/**
 * Settings of centring and whitening, without training or after it, on folds of the first five sixths: what each brings everywhere,
 * and what would be served where the held-out tracks chose the setting of each fold. Simpler than learning itself: one training and
 * one fit on all tracks outside a fold instead of a mean of several, no gate, no altered copies, and whitening neither stretches nor
 * centres.
 * @throws SafaceError `invalid-input` where no fold says enough
 */
export async function centringCheck({ model, scene, world, counts, trained }: CentringCheckOptions) {
  const cell = await openCell({ scene, world, model });
  const settings = settingsOf(cell);
  const outcomes: Outcome[][] = [];
  const errors: number[] = [];
  const seen = await seeAll(cell);
  for (const count of counts)
    for (let number = 0; number < count; number++) {
      progress(`fold ${number + 1} of ${count}`);
      const found = await tryFold(seen, { number, count, trained }, settings);
      if (!found) continue;
      errors.push(found.error);
      outcomes.push(found.outcomes);
    }
  if (outcomes.length === 0)
    throw new SafaceError(
      'invalid-input',
      `No fold of ${scene} has enough labels inside and tracks outside`,
      'Cut into another number of folds (--folds 3,5), or use a longer scene.',
    );
  const total = errors.reduce((sum, error) => sum + error, 0);
  const over = (labelled: readonly number[]) => ({
    errorCut: labelled.reduce((sum, cut, fold) => sum + cut * errors[fold], 0) / total,
    /** Folds with over a hundredth more error. */
    worseIn: labelled.filter((cut) => cut < -0.01).length,
  });
  const chosen = outcomes.map((fold) => fold.reduce((best, next) => (next.labelFree > best.labelFree ? next : best)));
  return {
    model,
    scene,
    world,
    trained,
    folds: outcomes.length,
    settings: settings.map((setting, i) => ({ ...setting, ...over(outcomes.map((fold) => fold[i].labelled)) })),
    chosenByHeldOut: over(chosen.map(({ labelled }) => labelled)),
  };
}

export type CentringReport = Awaited<ReturnType<typeof centringCheck>>;

function settingsOf({ model }: Cell): Setting[] {
  return SHARES.flatMap((share) =>
    SHRINKAGES.flatMap((shrinkage) =>
      EVENNESSES[model.spec.metric].map((evenness) => ({ share, shrinkage, evenness })),
    ),
  );
}

/** All probes of a cell: embeddings under the base model, and the mean of each feature channel. */
async function seeAll(cell: Cell) {
  const rows = cell.sighting.probes.map((_, row) => row);
  const trainer = await openTrainer(cell.model);
  try {
    const { values, dimension } = await embedProbes(trainer, cell.bank, rows);
    return { cell, rows, values, dimension, means: await channelMeans(cell.bank, rows, trainer.featureShape) };
  } finally {
    await trainer.dispose();
  }
}

type SeenCell = Awaited<ReturnType<typeof seeAll>>;

/** The same embedded after training on some tracks, a share of the way. Nothing judges it, so it never ends early. */
async function afterTraining(seen: SeenCell, set: LearningSet, share: number): Promise<SeenCell> {
  if (share === 0) return seen;
  const { cell, rows } = seen;
  const trainer = await openTrainer(cell.model);
  try {
    const heldOut = subset(set, () => false);
    const options = fineTuneOptions(cell, { seed: 1 });
    const { base, average } = await fineTune({ trainer, bank: cell.bank, training: set, heldOut, options });
    blend(average, base, share);
    await trainer.load(average);
    return { ...seen, values: (await embedProbes(trainer, cell.bank, rows)).values };
  } finally {
    await trainer.dispose();
  }
}

/** Null where the fold or the tracks outside say too little. */
async function tryFold(
  seen: SeenCell,
  { number, count, trained }: { readonly number: number; readonly count: number; readonly trained: number },
  settings: readonly Setting[],
): Promise<{ error: number; outcomes: Outcome[] } | null> {
  const { cell, dimension } = seen;
  const { metric } = cell.model.spec;
  const { set } = foldOf(cell, number, count);
  if (set.tracks.length < FEWEST_TRACKS) return null;
  const labelled = async (embeddings: Float32Array) => {
    const bank = {
      sampleSize: dimension,
      read: (rows: ArrayLike<number>) => rowsOf(embeddings, Array.from(rows), dimension),
    };
    const inside = await foldOf({ ...cell, bank }, number, count).measure({ embed: async (values) => values });
    return inside && inside.genuinePairs >= FEWEST_PAIRS ? inside.accuracy : null;
  };
  const before = await labelled(seen.values);
  const cut = cutRecording(set, partsOfRecording(set));
  const { judged } = cut;
  // A training on all parts is held against nothing.
  const splits = cut.splits.filter(({ heldOut }) => heldOut.tracks.length > 0);
  const pairs = buildScorePairs(judged, fineTuneOptionsFor(metric).scoring);
  if (before === null || before === 1 || !pairs) return null;
  const rank = (embeddings: Float32Array) => rankStatistic(scoreDistances(pairs, embeddings, { dimension, metric }));
  const ranked = rank(pick(seen.values, judged, dimension));
  const fit = async (tracks: LearningSet) => fitted(await afterTraining(seen, tracks, trained), tracks);
  const outside = await fit(set);
  const without: (typeof outside)[] = [];
  for (const { training } of splits) without.push(await fit(training));
  if (!outside || without.includes(null)) return null;
  const outcomes: Outcome[] = [];
  for (const setting of settings) {
    const held = splits.map(({ heldOut }, part) => pick(without[part]!(setting), heldOut, dimension));
    const after = await labelled(outside(setting));
    outcomes.push({
      labelled: errorCut(before, after ?? before),
      labelFree: errorCut(ranked, rank(gatherHeldOut({ parts: splits, judged }, held))),
    });
  }
  return { error: 1 - before, outcomes };
}

/** All embeddings of a cell under any setting, fitted on the tracks of a set; null where it says nothing. */
function fitted({ cell, values, dimension, means }: SeenCell, set: LearningSet) {
  const { metric } = cell.model.spec;
  const own = set.probes.map(({ row }) => row);
  const scale = fitLevels(set, means.subMatrixRow(own));
  if (!scale) return null;
  const levels = readLevels(scale, means);
  const embeddings = pick(values, set, dimension);
  const make = centringsOf(set, { scale, levels: levels.subMatrixRow(own), embeddings });
  if (!make) return null;
  const whiten = (options: CentringOptions) => {
    const plain = centred(values, levels, { ...make(options), length: null });
    return { plain, statistics: trackStatistics(set, { values: pick(plain, set, dimension), dimension, metric }) };
  };
  // Whitening comes before lengths and is slow: once for all settings that differ in what comes after.
  const whitened = new Map<string, ReturnType<typeof whiten>>();
  return ({ shrinkage, ...options }: Setting): Float32Array => {
    const centring = make(options);
    if (shrinkage === 1) return centred(values, levels, centring);
    // Evening lengths also moves their middle.
    const key = `${options.share} ${centring.length !== null}`;
    const { plain, statistics } = whitened.get(key) ?? whiten(options);
    whitened.set(key, { plain, statistics });
    if (!statistics) return plain;
    const map = whiteningMap(statistics, { shrinkage, emphasis: 0, centring: 0 });
    return evenedBy(mapped(plain, map, dimension), dimension, centring.length);
  };
}

function pick(values: Float32Array, { probes }: LearningSet, dimension: number): Float32Array {
  return rowsOf(
    values,
    probes.map(({ row }) => row),
    dimension,
  );
}

function rowsOf(values: Float32Array, rows: readonly number[], dimension: number): Float32Array {
  const picked = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return picked;
}
