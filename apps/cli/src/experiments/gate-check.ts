import {
  blend,
  buildScorePairs,
  copyWeights,
  crossSplits,
  defaultAdaptOptions,
  embedProbes,
  fineTune,
  fineTuneOptionsFor,
  type GateVerdictReport,
  judgeCandidate,
  type LearningSet,
  type Trainer,
  timeBlocks,
  trackStatistics,
  type Weights,
  type WhiteningOptions,
  whiteningMatrix,
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
}

/** What the gate would have made of one state of a model, and what labels say of it. */
interface Judged {
  readonly fold: number;
  /** Labelled accuracy after less before, on frames that learning did not see. */
  readonly labelledGain: number;
  /** By confidence. */
  readonly passed: readonly boolean[];
}

/** Shares of the way from the first weights to the trained ones; beyond 1 training was carried too far. */
const SHARES = [0, 0.3, 0.7, 1, 2, 4];
const WHITENINGS: readonly (WhiteningOptions | null)[] = [
  null,
  { shrinkage: 0.5, emphasis: 0 },
  { shrinkage: 0.5, emphasis: 0.5 },
  { shrinkage: 0.3, emphasis: 1 },
];
/** Labelled accuracy within which two models count as equally good. */
const TOLERANCE = 0.003;

/**
 * The gate held against labels: on each fold of the first five sixths a learner is fine-tuned on the tracks of the others, and many
 * states of it, good ones and overdone ones, stand before the gate as if each were the candidate.
 */
export async function gateCheck(options: GateCheckOptions) {
  const { model, scene, world, folds, confidences } = options;
  const cell = await openCell({ scene, world, model });
  const judged: Judged[] = [];
  for (let fold = 0; fold < folds; fold++) {
    progress(`fold ${fold + 1} of ${folds}`);
    judged.push(...(await judgeFold(cell, fold, options)));
  }
  const better = judged.filter((state) => state.labelledGain > TOLERANCE).length;
  const rules = confidences.map((confidence, i) => {
    const promoted = judged.filter((state) => state.passed[i]);
    return {
      confidence,
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
    const base = copyWeights(await trainer.weights());
    // One of the product's trainings, and the part of the recording that it did without.
    const [{ training, heldOut }] = crossSplits(set, timeBlocks(set, defaultAdaptOptions.parts));
    const { average } = await fineTune({
      trainer,
      bank: cell.bank,
      training,
      heldOut,
      options: fineTuneOptions(cell, {
        seed: options.seed,
        change: { fineTune: { whitening: null, patience: Number.POSITIVE_INFINITY } },
      }),
    });
    const pairs = buildScorePairs(heldOut, { minGap: fineTuneOptionsFor(cell.model.spec.metric).scoreGap });
    const embed = (of: LearningSet) =>
      embedProbes(
        trainer,
        cell.bank,
        of.probes.map((p) => p.row),
      );
    await trainer.load(base);
    const champion = await embed(heldOut);
    const judge = (candidate: Float32Array, confidence: number): GateVerdictReport =>
      judgeCandidate({
        pairs,
        champion: champion.values,
        candidate,
        enrolment: null,
        score: { dimension: champion.dimension, metric },
        policy: { confidence },
      });
    const judged: Judged[] = [];
    for await (const weights of states(trainer, {
      base,
      average,
      statistics: () => embed(training),
      training,
      metric,
    })) {
      await trainer.load(weights);
      const after = await measure(trainer);
      if (!after) continue;
      const { values } = await embed(heldOut);
      const passed = options.confidences.map((confidence) => judge(values, confidence).passed);
      judged.push({ fold, labelledGain: after.accuracy - before.accuracy, passed });
    }
    return judged;
  } finally {
    await trainer.dispose();
  }
}

interface Way {
  readonly base: Weights;
  readonly average: Weights;
  /** Embeddings of the training tracks under the weights that the trainer holds. */
  readonly statistics: () => Promise<{ readonly values: Float32Array; readonly dimension: number }>;
  readonly training: LearningSet;
  readonly metric: Cell['model']['spec']['metric'];
}

async function* states(
  trainer: Trainer,
  { base, average, statistics, training, metric }: Way,
): AsyncGenerator<Weights> {
  for (const share of SHARES) {
    const weights = copyWeights(average);
    blend(weights, base, share);
    await trainer.load(weights);
    const found = trackStatistics(training, { ...(await statistics()), metric });
    for (const whitening of WHITENINGS) {
      if (whitening === null) {
        if (share > 0) yield weights;
        continue;
      }
      await trainer.load(weights);
      const whitened = found && (await trainer.projected(whiteningMatrix(found, whitening)));
      if (whitened) yield whitened;
    }
  }
}
