import {
  type Adaptation,
  type AdaptOptions,
  adaptLearner,
  type CrossFitState,
  defaultAdaptOptions,
  type FineTuneOptions,
  type FineTuneProgress,
  fineTuneOptionsFor,
  type LearningSet,
  partsOfRecording,
  type Trainer,
} from '@saface/core';
import type { Cell } from './cell.ts';

/** What an experiment changes of the product's settings. */
export interface LearningChange {
  readonly fineTune?: Partial<FineTuneOptions>;
  readonly triplets?: Partial<FineTuneOptions['triplets']>;
  readonly selection?: Partial<FineTuneOptions['selection']>;
  readonly cleaning?: Partial<AdaptOptions['cleaning']>;
  readonly adapt?: Partial<AdaptOptions>;
  /** False = what everybody has in common stays in. */
  readonly centring?: boolean;
  /** Whether altered copies of faces are learnt from; default: as the product does, of recordings. */
  readonly copies?: boolean;
}

export interface LearnCellInput {
  readonly trainer: Trainer;
  readonly seed: number;
  /** Default: all tracks of the first five sixths. */
  readonly set?: LearningSet;
  readonly change?: LearningChange;
  /** Candidates the same tracks have judged before. */
  readonly attempts?: number;
  readonly onProgress?: (progress: FineTuneProgress) => void;
  readonly onCheckpoint?: (state: CrossFitState) => Promise<void>;
}

/** One learning run with the product's own settings, from the weights that the trainer holds. No label is within reach. */
export async function learnCell(
  cell: Cell,
  { trainer, seed, set = cell.set, change = {}, ...rest }: LearnCellInput,
): Promise<Adaptation> {
  const { metric, defaultThreshold } = cell.model.spec;
  return adaptLearner({
    trainer,
    bank: cell.bank,
    copies: (change.copies ?? cell.isRecording) ? await cell.copies() : null,
    set,
    options: fineTuneOptions(cell, { seed, change }),
    adapt: {
      ...defaultAdaptOptions,
      ...partsOfRecording(set),
      ...change.adapt,
      cleaning: { ...defaultAdaptOptions.cleaning, ...change.cleaning },
      metric,
    },
    enrolled: null,
    benchmark: cell.benchmark,
    championThreshold: defaultThreshold,
    ...rest,
  });
}

/** The product's settings for this recogniser, with what an experiment changes. */
export function fineTuneOptions(
  { model }: Pick<Cell, 'model'>,
  { seed, change = {} }: Pick<LearnCellInput, 'seed' | 'change'>,
): FineTuneOptions {
  const defaults = fineTuneOptionsFor(model.spec.metric);
  const uncentred = defaults.whitening?.filter(({ centring }) => centring === 0) ?? null;
  return {
    ...defaults,
    whitening: change.centring === false ? uncentred : defaults.whitening,
    ...change.fineTune,
    seed,
    triplets: { ...defaults.triplets, ...change.triplets },
    selection: { ...defaults.selection, ...change.selection },
  };
}
