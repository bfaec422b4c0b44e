import { embedProbes } from './embed.ts';
import { fineTune } from './fine-tune.ts';
import type { FineTuneInput, FineTuneProgress, FineTuneResult, FineTuneState } from './fine-tune-types.ts';
import type { LearningSet } from './learning-set.ts';
import { crossSplits, timeBlocks, withinBlocks } from './split.ts';
import { copyWeights, meanWeights, type Weights } from './weights.ts';

export interface CrossFitInput
  extends Omit<FineTuneInput, 'training' | 'heldOut' | 'onProgress' | 'onCheckpoint' | 'resume'> {
  readonly set: LearningSet;
  /** Parts of the recording; each is held out once. */
  readonly parts: number;
  /** Steps are counted over all trainings. */
  readonly onProgress?: (progress: FineTuneProgress) => void;
  /** The state stays valid only until the promise resolves. */
  readonly onCheckpoint?: (state: CrossFitState) => Promise<void>;
  readonly resume?: CrossFitState;
}

/** Everything needed to go on after a restart. */
export interface CrossFitState {
  readonly finished: readonly FineTuneResult[];
  /** Of the training that is under way; null between two. */
  readonly fineTune: FineTuneState | null;
}

export interface CrossFit {
  /** One training for each part that was held out. */
  readonly trainings: readonly FineTuneResult[];
  /** All tracks, strangers to each other only within a part. */
  readonly judged: LearningSet;
  /** Embeddings of `judged` under the first weights, and each part's under the weights that were trained without it. */
  readonly before: Embeddings;
  readonly after: Embeddings;
  /** Whether any training found something better than the first weights. */
  readonly changed: boolean;
}

export interface Embeddings {
  readonly values: Float32Array;
  readonly dimension: number;
}

/**
 * Trains once without each part of the recording, and averages the weights (docs/decisions/024). So every track teaches and every
 * track judges, but none judges what it taught: a camera sees few people in a day, and holding out some of them for good costs half
 * of what there is to learn. On return the trainer holds the average, or the first weights where nothing is better.
 */
export async function crossFit(input: CrossFitInput): Promise<CrossFit> {
  const { trainer, bank, set, options, resume } = input;
  const blocks = timeBlocks(set, input.parts);
  const splits = crossSplits(set, blocks);
  const first = copyWeights(await trainer.weights());
  const trainings: FineTuneResult[] = [...(resume?.finished ?? [])];
  for (let part = trainings.length; part < splits.length; part++) {
    const before = trainings.reduce((sum, { steps }) => sum + steps, 0);
    await trainer.load(first);
    await trainer.rest();
    const training = await fineTune({
      ...input,
      ...splits[part]!,
      options: { ...options, seed: options.seed + part * 104_729 },
      resume: part === resume?.finished.length ? (resume.fineTune ?? undefined) : undefined,
      onProgress: (progress) =>
        input.onProgress?.({
          ...progress,
          step: before + progress.step,
          totalSteps: before + progress.totalSteps * (splits.length - part),
        }),
      onCheckpoint: async (state) => input.onCheckpoint?.({ finished: trainings, fineTune: state }),
    });
    trainings.push(training);
    if (training.stopped === 'aborted') break;
    await input.onCheckpoint?.({ finished: trainings, fineTune: null });
  }

  const rows = set.probes.map(({ row }) => row);
  await trainer.load(first);
  const before = await embedProbes(trainer, bank, rows);
  const after = { values: before.values.slice(), dimension: before.dimension };
  const position = new Map(rows.map((row, at) => [row, at]));
  for (const [part, { best }] of trainings.entries()) {
    const held = splits[part]!.heldOut.probes.map(({ row }) => row);
    await trainer.load(best.weights);
    const { values, dimension } = await embedProbes(trainer, bank, held);
    held.forEach((row, i) => {
      after.values.set(values.subarray(i * dimension, (i + 1) * dimension), position.get(row)! * dimension);
    });
  }
  const changed = trainings.some((training) => training.changed);
  const weights: Weights = changed ? meanWeights(trainings.map(({ best }) => best.weights)) : first;
  await trainer.load(weights);
  return { trainings, judged: withinBlocks(set, blocks), before, after, changed };
}

/** Weight updates of all trainings. */
export function stepsOf({ trainings }: CrossFit): number {
  return trainings.reduce((sum, { steps }) => sum + steps, 0);
}

/** Triplets of the training that had most. */
export function tripletsOf({ trainings }: CrossFit): number {
  return Math.max(0, ...trainings.map(({ triplets }) => triplets));
}
