import type { Trainer, TrainingHyperParameters } from '../ports.ts';
import type { AlteredCopies } from './altered-copies.ts';
import type { CentringOptions } from './condition-centring.ts';
import type { ConsistencyOptions } from './consistency-training.ts';
import type { FirstEmbeddings } from './first-embeddings.ts';
import type { ScorePairOptions } from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import type { SelectionOptions } from './triplet-selection.ts';
import type { TripletOptions, Triplets } from './triplets.ts';
import type { Weights } from './weights.ts';
import type { WhiteningOptions } from './whitening.ts';

/** The extractor's features of every probe, kept from inference so that training never runs the frozen part again. */
export interface FeatureBank {
  /** Numbers per sample: the product of the feature shape. */
  readonly sampleSize: number;
  /** Features of the given rows, sample after sample: Float32 of `rows.length * sampleSize`. */
  read(rows: ArrayLike<number>): Promise<Float32Array> | Float32Array;
}

export interface FineTuneOptions extends TrainingHyperParameters {
  /**
   * Share of the loss that one plain gradient step may take away; the learning rate is then measured, see `calibrateRate`, and
   * `learningRate` only bounds it. Null = `learningRate` as it is.
   */
  readonly stepShare: number | null;
  /** Triplets per weight update; reached over as many scheduling intervals as it takes. */
  readonly targetBatch: number;
  /** Times the triplets are made anew, with the embeddings of that moment, and gone through. */
  readonly passes: number;
  /** Updates over which the learning rate rises from nothing. */
  readonly warmUpSteps: number;
  /** Share of the learning rate that is left at the end of the cosine decay, 0..1. */
  readonly finalRate: number;
  /** Weight of the past in the moving average of the weights, 0..1; the average is what is scored, kept and served. */
  readonly emaDecay: number;
  /** Updates between two label-free scores. */
  readonly evaluateEvery: number;
  /** Scores in a row without a new best after which training stops. */
  readonly patience: number;
  readonly seed: number;
  /** Where Algorithm 1 looks for positives and negatives. */
  readonly triplets: Omit<TripletOptions, 'dimension' | 'seed'>;
  /** Quantiles of the first pass, from which those of `triplets` are reached in the last; null = the same all along. */
  readonly firstQuantiles: { readonly positive: number; readonly negative: number } | null;
  /** Which of them are trained on. */
  readonly selection: SelectionOptions;
  /** How altered copies of faces are made alike before triplets teach, where there are any; null = not. */
  readonly consistency: ConsistencyOptions | null;
  /** Which pairs of held-out tracks give the label-free score. */
  readonly scoring: ScorePairOptions;
  /**
   * Share of the way from the first weights to the last average, 0..1, that is gone at least where what has proved itself is trusted, see
   * `finish`. Null = nothing is, and held-out tracks choose everything.
   */
  readonly usualShare: number | null;
  /** How embeddings are centred by conditions at the end (see condition-centring.ts), null = not. */
  readonly centring: CentringOptions | null;
  /** Whitenings of the last layer that are tried at the end (see whitening.ts), null = none. The first is the usual one, see `finish`. */
  readonly whitening: readonly WhiteningOptions[] | null;
}

export interface FineTuneProgress {
  /** Weight updates so far. */
  readonly step: number;
  readonly totalSteps: number;
  readonly pass: number;
  /** Mean triplet loss over this update's triplets. */
  readonly loss: number;
  /** Share of its triplets that still violate the margin, 0..1. */
  readonly activeShare: number;
  /** Triplets of this update, and the largest micro-batch (B_t) it was made of. */
  readonly batchSize: number;
  readonly microBatch: number;
  readonly learningRate: number;
  /** Label-free accuracy on the held-out tracks, when it was measured at this update. */
  readonly score: number | null;
}

export interface ConsistencyProgress {
  /** Weight updates so far. */
  readonly step: number;
  readonly totalSteps: number;
  /** Mean squared distance of this update's looks at faces from where they are drawn to. */
  readonly loss: number;
}

/** Everything needed to go on after a restart: plain objects and typed arrays, as structured clone takes them. */
export interface FineTuneState {
  readonly step: number;
  readonly totalSteps: number;
  readonly pass: number;
  /** Updates that made altered copies alike, before the first of these. */
  readonly consistencySteps: number;
  /** The learning rate at its highest; 0 before it is known. */
  readonly peakRate: number;
  /** Position in the triplets of this pass. */
  readonly cursor: number;
  readonly triplets: Triplets;
  readonly weights: Weights;
  readonly average: Weights;
  /** The weights that training on triplets began with. */
  readonly base: Weights;
  /** The best score so far, as candidates are ranked; null where nothing can be scored. */
  readonly bestRank: number | null;
  /** Scores in a row without a new best. */
  readonly waited: number;
  readonly baseScore: number | null;
}

export interface FineTuneInput {
  readonly trainer: Trainer;
  readonly bank: FeatureBank;
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
  readonly options: FineTuneOptions;
  /** Embeddings under the weights that the run began with, where they are kept. */
  readonly first?: FirstEmbeddings;
  /** Copies of some of the probes that differ in anything but who it is, where there are any; see `trainConsistency` and `finish`. */
  readonly copies?: AlteredCopies | null;
  /**
   * Triplets that may be trained now (B_t of Eq. 2). It paces the loop: when training has to wait it should resolve with
   * 0 only after the interval has passed. Without it training runs at full speed.
   */
  readonly nextBatchSize?: () => Promise<number>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FineTuneProgress) => void;
  readonly onConsistency?: (progress: ConsistencyProgress) => void;
  /** Called after updates that were scored; the state stays valid only until the promise resolves. */
  readonly onCheckpoint?: (state: FineTuneState) => Promise<void>;
  readonly resume?: FineTuneState;
}

export interface FineTuneResult {
  /** Weights that training on triplets began with, and its last moving average. */
  readonly base: Weights;
  readonly average: Weights;
  /** Label-free accuracy before any training; null where nothing can be scored. */
  readonly baseScore: number | null;
  /** Updates that made altered copies alike, and those by triplets after them. */
  readonly consistencySteps: number;
  readonly steps: number;
  /** The learning rate at its highest, given or measured. */
  readonly peakRate: number;
  /** Triplets of the last pass. */
  readonly triplets: number;
  readonly stopped: 'finished' | 'no-gain' | 'aborted' | 'diverged' | 'no-triplets';
}
