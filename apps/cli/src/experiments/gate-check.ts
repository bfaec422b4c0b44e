import {
  blend,
  buildScorePairs,
  copyWeights,
  cutRecording,
  embedHeldOut,
  embedProbes,
  fineTune,
  fineTuneOptionsFor,
  judgeCandidate,
  type LearningSet,
  type LearningSplit,
  labelFreeErrorCut,
  meanWeights,
  partsOfRecording,
  type TrackStatistics,
  type TrainedPart,
  type Trainer,
  trackStatistics,
  type Weights,
  type WhiteningOptions,
  whiteningMap,
} from '@saface/core';
import { progress } from '../output.ts';
import { type Cell, openCell, openTrainer } from './cell.ts';
import { foldOf } from './fold-of.ts';
import { fineTuneOptions } from './learn-cell.ts';
import type { ModelName } from './models.ts';
import type { SceneName } from './scenes.ts';

export interface GateCheckOptions {
  readonly model: ModelName;
  readonly scene: SceneName;
  /** Of a simulated scene; see TUNING_WORLD. */
  readonly world: number;
  readonly folds: number;
  readonly seed: number;
  /** Of the gate's interval; the product's is 0.8. */
  readonly confidences: readonly number[];
  /** Least shares of the error that have to go, see `GatePolicy.minErrorCut`; the product's is 0.1. */
  readonly floors: readonly number[];
}

/** What the gate would have made of one state of a model, and what labels say of it. */
interface Judged {
  readonly fold: number;
  /** Labelled accuracy after less before, on frames that learning did not see. */
  readonly labelledGain: number;
  /** By confidence, and for each by floor. */
  readonly passed: readonly boolean[];
}

/** Shares of the way from the first weights to the trained ones; beyond 1 training was carried too far. */
const SHARES = [0, 0.3, 0.7, 1, 2, 4];
const WHITENINGS: readonly WhiteningOptions[] = [
  { shrinkage: 0.5, emphasis: 0, centring: 0 },
  { shrinkage: 0.5, emphasis: 0.5, centring: 0 },
  { shrinkage: 0.3, emphasis: 1, centring: 0 },
];
/** Labelled accuracy within which two models count as equally good. */
const TOLERANCE = 0.003;

/**
 * The gate held against labels: on each fold of the first five sixths a learner is fine-tuned on the tracks of the others, and many
 * states of it, good ones and overdone ones, stand before the gate as if each were the candidate.
 */
export async function gateCheck(options: GateCheckOptions) {
  const { model, scene, world, folds, confidences, floors } = options;
  const cell = await openCell({ scene, world, model });
  const judged: Judged[] = [];
  for (let fold = 0; fold < folds; fold++) {
    progress(`fold ${fold + 1} of ${folds}`);
    judged.push(...(await judgeFold(cell, fold, options)));
  }
  const better = judged.filter((state) => state.labelledGain > TOLERANCE).length;
  const rules = confidences
    .flatMap((confidence) => floors.map((floor) => ({ confidence, floor })))
    .map((rule, i) => {
      const promoted = judged.filter((state) => state.passed[i]);
      return {
        ...rule,
        promoted: promoted.length,
        better: promoted.filter((state) => state.labelledGain > TOLERANCE).length,
        worse: promoted.filter((state) => state.labelledGain < -TOLERANCE).length,
        meanGain: promoted.reduce((sum, state) => sum + state.labelledGain, 0) / Math.max(1, promoted.length),
      };
    });
  const worse = judged.filter((state) => state.labelledGain < -TOLERANCE).length;
  return { model, scene, world, states: judged.length, better, worse, rules };
}

export type GateCheckReport = Awaited<ReturnType<typeof gateCheck>>;

async function judgeFold(cell: Cell, fold: number, options: GateCheckOptions): Promise<Judged[]> {
  const { metric } = cell.model.spec;
  const { set, measure } = foldOf(cell, fold, options.folds);
  const trainer = await openTrainer(cell.model);
  try {
    const before = await measure(trainer);
    if (!before) return [];
    const { splits, judged } = cutRecording(set, partsOfRecording(set));
    const parts = await trainParts(cell, trainer, { splits, seed: options.seed });
    const pairs = buildScorePairs(judged, fineTuneOptionsFor(metric).scoring);
    await trainer.load(parts[0].base);
    const champion = await embedProbes(trainer, cell.bank, rowsOf(judged));
    const found: Judged[] = [];
    for await (const weights of states(cell, trainer, parts)) {
      const candidate = await embedHeldOut({ trainer, bank: cell.bank }, { parts, weights, judged });
      await trainer.load(meanWeights(weights));
      const after = await measure(trainer);
      if (!after) continue;
      const passed = options.confidences.flatMap((confidence) => {
        const verdict = judgeCandidate({
          pairs,
          champion: champion.values,
          candidate,
          enrolment: null,
          score: { dimension: champion.dimension, metric },
          policy: { confidence, minErrorCut: Number.NEGATIVE_INFINITY },
        });
        const cut = verdict.champion && verdict.candidate ? labelFreeErrorCut(verdict.champion, verdict.candidate) : 0;
        return options.floors.map((floor) => verdict.passed && cut >= floor);
      });
      found.push({ fold, labelledGain: after.accuracy - before.accuracy, passed });
    }
    return found;
  } finally {
    await trainer.dispose();
  }
}

/** The product's trainings, each to its end, from the base model as it is (docs/decisions/027 begins elsewhere). */
async function trainParts(
  cell: Cell,
  trainer: Trainer,
  { splits, seed }: { readonly splits: readonly LearningSplit[]; readonly seed: number },
): Promise<TrainedPart[]> {
  const base = copyWeights(await trainer.weights());
  const options = fineTuneOptions(cell, { seed, change: { fineTune: { patience: Number.POSITIVE_INFINITY } } });
  const parts: TrainedPart[] = [];
  for (const split of splits) {
    await trainer.load(base);
    await trainer.rest();
    const { average } = await fineTune({ trainer, bank: cell.bank, ...split, options });
    parts.push({ ...split, first: base, base, average });
  }
  return parts;
}

/** Weights of each part, state after state. */
async function* states(cell: Cell, trainer: Trainer, parts: readonly TrainedPart[]): AsyncGenerator<Weights[]> {
  const { metric } = cell.model.spec;
  for (const share of SHARES) {
    const ways = parts.map(({ base, average }) => {
      const weights = copyWeights(average);
      blend(weights, base, share);
      return weights;
    });
    if (share > 0) yield ways;
    const statistics: (TrackStatistics | null)[] = [];
    for (const [part, { training }] of parts.entries()) {
      await trainer.load(ways[part]);
      const embedded = await embedProbes(trainer, cell.bank, rowsOf(training));
      statistics.push(trackStatistics(training, { ...embedded, metric }));
    }
    for (const whitening of WHITENINGS) {
      const whitened: Weights[] = [];
      for (const [part, found] of statistics.entries()) {
        await trainer.load(ways[part]);
        const projected = found && (await trainer.projected(whiteningMap(found, whitening)));
        if (projected) whitened.push(projected);
      }
      if (whitened.length === parts.length) yield whitened;
    }
  }
}

function rowsOf({ probes }: LearningSet): number[] {
  return probes.map(({ row }) => row);
}
