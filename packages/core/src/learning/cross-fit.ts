import { type Choice, chooseWeights } from './choose-weights.ts';
import { fineTune } from './fine-tune.ts';
import type { FineTuneInput, FineTuneProgress, FineTuneResult, FineTuneState } from './fine-tune-types.ts';
import { embedHeldOut, embedSet } from './held-out.ts';
import { type LearningSet, subset } from './learning-set.ts';
import { crossSplits, type LearningSplit, timeBlocks, withinBlocks } from './split.ts';
import { copyWeights, meanWeights } from './weights.ts';

export interface CrossFitInput
  extends Omit<FineTuneInput, 'training' | 'heldOut' | 'onProgress' | 'onCheckpoint' | 'resume'> {
  readonly set: LearningSet;
  /** Parts of the recording, by time. */
  readonly parts: number;
  /** How many of them are held out once, the oldest first: 1 is a plain hold-out, all of them let every track teach and judge. */
  readonly trainings: number;
  /** Whether one more training learns from all parts. Nothing judges it alone, so it needs others beside it that are judged. */
  readonly withAll?: boolean;
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
  /** One training for each part that was held out, and then the one on all parts. */
  readonly trainings: readonly FineTuneResult[];
  /** What was chosen for all of them; null when they were stopped. */
  readonly choice: Choice | null;
  /** How many tracks any training learnt from. */
  readonly tracks: number;
  /** The tracks that were held out, strangers to each other only within a part. */
  readonly judged: LearningSet;
  /** Embeddings of `judged` under the first weights, and each part's under the weights that were trained without it. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly dimension: number;
  /** Whether anything but the first weights was chosen. */
  readonly changed: boolean;
}

/**
 * Trains once without each part of the recording, or some of them, perhaps once more with all of it, and averages the weights
 * (docs/decisions/024). Without each, every track teaches and every track judges, but none judges what it taught. On return the
 * trainer holds the average, or the first weights where nothing is better.
 */
export async function crossFit(input: CrossFitInput): Promise<CrossFit> {
  const { trainer, set, options, resume } = input;
  const { splits, judged } = cutRecording(set, input);
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

  const parts = trainings.map((training, part) => ({ ...training, first, ...splits[part]! }));
  const stopped = trainings.at(-1)?.stopped === 'aborted';
  const choice = stopped ? null : await chooseWeights(input, parts, judged);
  const weights = choice?.weights ?? trainings.map(() => first);
  await trainer.load(first);
  const before = await embedSet(input, judged);
  const after = await embedHeldOut(input, { parts, weights, judged });
  await trainer.load(meanWeights(weights));
  const dimension = before.length / Math.max(1, judged.probes.length);
  const moved = trainings.some(({ steps }) => steps > 0);
  const isTrained = choice !== null && (choice.consistent || (moved && choice.share > 0));
  const changed = isTrained || (choice !== null && (choice.centring !== null || choice.whitening !== null));
  const taught = new Set(splits.flatMap(({ training }) => training.tracks.map(({ key }) => key)));
  return { trainings, choice, tracks: taught.size, judged, before, after, dimension, changed };
}

/** The splits that are trained, and all that they hold out. */
export function cutRecording(
  set: LearningSet,
  { parts, trainings, withAll = false }: Pick<CrossFitInput, 'parts' | 'trainings' | 'withAll'>,
): { readonly splits: readonly LearningSplit[]; readonly judged: LearningSet } {
  const blocks = timeBlocks(set, parts);
  const splits = crossSplits(set, blocks).slice(0, Math.max(1, trainings));
  const held = new Set(splits.flatMap(({ heldOut }) => heldOut.tracks.map(({ key }) => key)));
  if (withAll && splits.length > 1) splits.push({ training: set, heldOut: subset(set, () => false) });
  return { splits, judged: subset(withinBlocks(set, blocks), ({ key }) => held.has(key)) };
}

/** Weight updates of all trainings. */
export function stepsOf({ trainings }: CrossFit): number {
  return trainings.reduce((sum, { steps }) => sum + steps, 0);
}

/** Triplets of the training that had most. */
export function tripletsOf({ trainings }: CrossFit): number {
  return Math.max(0, ...trainings.map(({ triplets }) => triplets));
}
