import { SafaceError, TrainingDivergedError } from '../errors.ts';
import { createRandom } from '../evaluation/random.ts';
import type { Trainer, TrainingHyperParameters, TrainingStepResult } from '../ports.ts';
import { calibrateRate } from './calibrate-rate.ts';
import { bestOnTheWay, createScorer, embedSet, type Scorer, whitenBest } from './choose-weights.ts';
import type { LearningSet } from './learning-set.ts';
import { type SelectionOptions, selectTriplets } from './triplet-selection.ts';
import { generateTriplets, type TripletOptions, type Triplets } from './triplets.ts';
import { blend, copyWeights, type Weights, weightsAreFinite } from './weights.ts';
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
  /** Frames between the probes of a genuine pair of the label-free score. */
  readonly scoreGap: number;
  /** Whitenings of the last layer that are tried at the end (see whitening.ts), null = none. */
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

/** Everything needed to go on after a restart: plain objects and typed arrays, as structured clone takes them. */
export interface FineTuneState {
  readonly step: number;
  readonly totalSteps: number;
  readonly pass: number;
  /** The learning rate at its highest; 0 before it is known. */
  readonly peakRate: number;
  /** Position in the triplets of this pass. */
  readonly cursor: number;
  readonly triplets: Triplets;
  readonly weights: Weights;
  readonly average: Weights;
  /** The weights training began with. */
  readonly base: Weights;
  readonly best: FineTuneBest;
  /** Scores in a row without a new best. */
  readonly waited: number;
  readonly baseScore: number | null;
}

export interface FineTuneBest {
  readonly weights: Weights;
  /** What candidates are ranked by, see `rank`; null where nothing can be scored. */
  readonly rank: number | null;
  readonly score: number | null;
  /** 0 = the weights training began with. */
  readonly step: number;
  /** How far the weights go from where training began to its average at that step, 0..1. */
  readonly share: number;
  /** What was done to the last layer then; null = nothing. */
  readonly whitening: WhiteningOptions | null;
}

export interface FineTuneInput {
  readonly trainer: Trainer;
  readonly bank: FeatureBank;
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
  readonly options: FineTuneOptions;
  /**
   * Triplets that may be trained now (B_t of Eq. 2). It paces the loop: when training has to wait it should resolve with
   * 0 only after the interval has passed. Without it training runs at full speed.
   */
  readonly nextBatchSize?: () => Promise<number>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FineTuneProgress) => void;
  /** Called after updates that were scored; the state stays valid only until the promise resolves. */
  readonly onCheckpoint?: (state: FineTuneState) => Promise<void>;
  readonly resume?: FineTuneState;
}

export interface FineTuneResult {
  readonly best: FineTuneBest;
  /** Whether `best` is anything but the weights training began with. */
  readonly changed: boolean;
  /** Label-free accuracy before training; null where nothing can be scored. */
  readonly baseScore: number | null;
  readonly steps: number;
  /** The learning rate at its highest, given or measured. */
  readonly peakRate: number;
  /** Triplets of the last pass. */
  readonly triplets: number;
  readonly stopped: 'finished' | 'no-gain' | 'aborted' | 'diverged' | 'no-triplets';
}

/**
 * Online training of a scenario's learner (section 4.2.2) on triplets from tracks (Algorithm 1).
 *
 * Left alone this overfits within minutes: on real video one pass over the triplets helps and a second one destroys the
 * model. Five things hold it: a pull towards the base weights, a moving average of the weights, a label-free score on
 * tracks that training never sees, an end when that no longer rises, and at the end weights part of the way back to the
 * beginning, which on few people generalise better than either end. Last of all the last layer is whitened, where that helps.
 * On return the trainer holds the best weights, ready to `export`.
 */
export async function fineTune(input: FineTuneInput): Promise<FineTuneResult> {
  const { trainer, options, signal } = input;
  const scorer = createScorer(input);
  const run = input.resume ? resumed(input.resume) : await started(input, scorer);
  if (input.resume) await trainer.load(run.weights);
  const base = run.base;
  let stopped: FineTuneResult['stopped'] = 'finished';

  training: for (; run.pass < options.passes; run.pass += 1, run.cursor = 0) {
    if (run.cursor === 0) run.triplets = await freshTriplets(input, run.pass);
    const count = run.triplets.anchor.length;
    if (count === 0) {
      stopped = 'no-triplets';
      break;
    }
    if (run.totalSteps === 0)
      run.totalSteps = Math.max(1, Math.floor(count / batchOf(options, count))) * options.passes;
    if (run.peakRate === 0) run.peakRate = await peakRate(input, run.triplets);
    const batch = batchOf(options, count);
    while (run.cursor + batch <= count) {
      const update = await trainBatch(input, run, batch);
      if (typeof update === 'string') {
        stopped = update;
        break training;
      }
      run.step += 1;
      run.cursor += batch;
      run.weights = await trainer.weights();
      if (!Number.isFinite(update.loss) || !weightsAreFinite(run.weights)) {
        stopped = 'diverged';
        break training;
      }
      // Early on the average would hang on to the beginning; it follows closer until it has a past.
      blend(run.average, run.weights, Math.min(options.emaDecay, run.step / (run.step + 4)));
      const due = run.step % options.evaluateEvery === 0 || run.step === run.totalSteps;
      const score = due ? await scoreAverage(input, run, scorer) : null;
      input.onProgress?.({ ...update, step: run.step, totalSteps: run.totalSteps, pass: run.pass, score });
      if (due) await input.onCheckpoint?.(run);
      if (scorer !== null && run.waited >= options.patience) {
        stopped = 'no-gain';
        break training;
      }
      if (signal?.aborted) {
        stopped = 'aborted';
        break training;
      }
    }
  }
  if (scorer !== null && stopped !== 'aborted') {
    if (run.step > 0 && weightsAreFinite(run.average))
      run.best = await bestOnTheWay(input, { base, average: run.average, step: run.step, scorer });
    run.best = await whitenBest(input, { best: run.best, base, scorer });
  }
  // Without a score nothing says which average is best: the last one stands for the run, for the gate to judge.
  if (scorer === null && stopped !== 'diverged' && run.step > 0) {
    run.best = {
      weights: copyWeights(run.average),
      rank: null,
      score: null,
      step: run.step,
      share: 1,
      whitening: null,
    };
  }
  await trainer.load(run.best.weights);
  return {
    best: run.best,
    changed: run.best.step > 0 || run.best.whitening != null,
    baseScore: run.baseScore,
    steps: run.step,
    peakRate: run.peakRate,
    triplets: run.triplets.anchor.length,
    stopped,
  };
}

type Run = { -readonly [K in keyof FineTuneState]: FineTuneState[K] };

/** A pass shorter than one batch is one batch. */
function batchOf({ targetBatch }: FineTuneOptions, triplets: number): number {
  return Math.max(1, Math.min(Math.floor(targetBatch), triplets));
}

async function started(input: FineTuneInput, scorer: Scorer | null): Promise<Run> {
  const { trainer, bank } = input;
  const expected = trainer.featureShape.reduce((a, b) => a * b, 1);
  if (bank.sampleSize !== expected) {
    throw new SafaceError(
      'invalid-input',
      `The stored features hold ${bank.sampleSize} numbers a probe, but the learner takes ${expected}`,
      'They were made with another cut of the model: clear the track store, or train with the cut they were made for.',
    );
  }
  const weights = await trainer.weights();
  const base = scorer ? scorer(await embedSet(input, input.heldOut)) : null;
  return {
    step: 0,
    totalSteps: 0,
    peakRate: 0,
    pass: 0,
    cursor: 0,
    triplets: { anchor: new Int32Array(0), positive: new Int32Array(0), negative: new Int32Array(0) },
    weights,
    average: copyWeights(weights),
    base: copyWeights(weights),
    best: {
      weights: copyWeights(weights),
      rank: base?.rank ?? null,
      score: base?.score ?? null,
      step: 0,
      share: 0,
      whitening: null,
    },
    waited: 0,
    baseScore: base?.score ?? null,
  };
}

function resumed(state: FineTuneState): Run {
  return { ...state, average: copyWeights(state.average) };
}

async function freshTriplets(input: FineTuneInput, pass: number): Promise<Triplets> {
  const { training, options } = input;
  const embeddings = await embedSet(input, training);
  const dimension = embeddings.length / Math.max(1, training.probes.length);
  const found = generateTriplets(training, embeddings, {
    ...options.triplets,
    ...quantilesOf(options, pass),
    dimension,
    seed: options.seed * 7919 + pass,
  });
  const embedded = { values: embeddings, dimension, metric: options.triplets.metric ?? 'euclidean' };
  const random = createRandom(options.seed * 1009 + pass);
  return selectTriplets(found, { set: training, embedded, margin: options.margin, random }, options.selection);
}

/** Easier pairs at first, harder ones as the model learns, or the other way round. */
function quantilesOf({ triplets, firstQuantiles, passes }: FineTuneOptions, pass: number) {
  const { positiveQuantile = 1, negativeQuantile = 0 } = triplets;
  const progress = passes > 1 ? Math.min(1, pass / (passes - 1)) : 1;
  const between = (first: number, last: number) => first + (last - first) * progress;
  return {
    positiveQuantile: between(firstQuantiles?.positive ?? positiveQuantile, positiveQuantile),
    negativeQuantile: between(firstQuantiles?.negative ?? negativeQuantile, negativeQuantile),
  };
}

async function peakRate(input: FineTuneInput, triplets: Triplets): Promise<number> {
  const { learningRate, stepShare } = input.options;
  return stepShare === null ? learningRate : calibrateRate(input, triplets, stepShare);
}

type BatchResult = Pick<FineTuneProgress, 'loss' | 'activeShare' | 'batchSize' | 'microBatch' | 'learningRate'>;

/** One weight update, gathered over as many micro-batches as the scheduler makes it. */
async function trainBatch(
  input: FineTuneInput,
  run: Run,
  batch: number,
): Promise<BatchResult | 'aborted' | 'diverged'> {
  const { trainer, bank, training, options, signal, nextBatchSize } = input;
  const learningRate = rateAt(run.step, run.totalSteps, { ...options, learningRate: run.peakRate });
  let done = 0;
  let loss = 0;
  let active = 0;
  let microBatch = 0;
  while (done < batch) {
    const allowed = nextBatchSize ? Math.floor(await nextBatchSize()) : batch;
    if (signal?.aborted) return 'aborted';
    if (!(allowed > 0)) {
      // Lets timers and signals through even when the scheduler answers at once.
      await new Promise((resolve) => setTimeout(resolve, 0));
      continue;
    }
    const size = Math.min(allowed, batch - done);
    const from = run.cursor + done;
    const rows = [run.triplets.anchor, run.triplets.positive, run.triplets.negative].flatMap((part) =>
      Array.from(part.subarray(from, from + size), (p) => training.probes[p]!.row),
    );
    done += size;
    let result: TrainingStepResult;
    try {
      result = await trainer.step(await bank.read(rows), { ...options, learningRate, apply: done === batch });
    } catch (error) {
      if (error instanceof TrainingDivergedError) return 'diverged';
      throw error;
    }
    loss += result.loss * size;
    active += result.active;
    microBatch = Math.max(microBatch, size);
  }
  return { loss: loss / batch, activeShare: active / batch, batchSize: batch, microBatch, learningRate };
}

/** Linear warm-up, then a cosine down to `finalRate` of the rate. */
export function rateAt(
  step: number,
  totalSteps: number,
  options: Pick<FineTuneOptions, 'learningRate' | 'warmUpSteps' | 'finalRate'>,
): number {
  const { learningRate, warmUpSteps, finalRate } = options;
  if (step < warmUpSteps) return (learningRate * (step + 1)) / (warmUpSteps + 1);
  const progress = Math.min(1, (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps));
  return learningRate * (finalRate + ((1 - finalRate) * (1 + Math.cos(Math.PI * progress))) / 2);
}

/** Scores the average, keeps it when it is the best so far, and puts the training weights back. */
async function scoreAverage(input: FineTuneInput, run: Run, scorer: Scorer | null): Promise<number | null> {
  if (scorer === null) return null;
  await input.trainer.load(run.average);
  const { rank, score } = scorer(await embedSet(input, input.heldOut));
  await input.trainer.load(run.weights);
  if (run.best.rank === null || rank > run.best.rank) {
    run.best = { weights: copyWeights(run.average), rank, score, step: run.step, share: 1, whitening: null };
    run.waited = 0;
  } else {
    run.waited += 1;
  }
  return score;
}
