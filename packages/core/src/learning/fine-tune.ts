import { SafaceError, TrainingDivergedError } from '../errors.ts';
import { createRandom } from '../evaluation/random.ts';
import type { TrainingStepResult } from '../ports.ts';
import { calibrateRate } from './calibrate-rate.ts';
import { createScorer, type Scorer } from './choose-weights.ts';
import { trainConsistency } from './consistency-training.ts';
import type {
  FineTuneInput,
  FineTuneOptions,
  FineTuneProgress,
  FineTuneResult,
  FineTuneState,
} from './fine-tune-types.ts';
import { embedSet } from './held-out.ts';
import { granted } from './pace.ts';
import { rateAt } from './rate-schedule.ts';
import { selectTriplets } from './triplet-selection.ts';
import { generateTriplets, type Triplets } from './triplets.ts';
import { blend, copyWeights, weightsAreFinite } from './weights.ts';

/**
 * Online training of a scenario's learner (section 4.2.2) on triplets from tracks (Algorithm 1), where there are altered copies of faces
 * after a training that makes them alike (see `trainConsistency`).
 *
 * Left alone this overfits within minutes: on real video one pass over the triplets helps and a second one destroys the
 * model. Four things hold it here: a pull towards the base weights, a moving average of the weights, a label-free score on
 * tracks that training never sees, and an end when that no longer rises. What of the way is served is chosen afterwards, see
 * `chooseWeights`. On return the trainer holds the last weights, not their average.
 */
export async function fineTune(input: FineTuneInput): Promise<FineTuneResult> {
  const { trainer, options, signal } = input;
  const scorer = createScorer(input);
  const run = input.resume ? resumed(input.resume) : await started(input, scorer);
  if (input.resume) await trainer.load(run.weights);
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
  return {
    base: run.base,
    average: run.average,
    baseScore: run.baseScore,
    consistencySteps: run.consistencySteps,
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
  const score = async () => (scorer ? scorer(await embedSet(input, input.heldOut)) : null);
  const first = await score();
  const consistencySteps = await trainConsistency(input);
  const base = consistencySteps > 0 ? await score() : first;
  const weights = await trainer.weights();
  return {
    consistencySteps,
    step: 0,
    totalSteps: 0,
    peakRate: 0,
    pass: 0,
    cursor: 0,
    triplets: { anchor: new Int32Array(0), positive: new Int32Array(0), negative: new Int32Array(0) },
    weights,
    average: copyWeights(weights),
    base: copyWeights(weights),
    bestRank: base?.rank ?? null,
    waited: 0,
    baseScore: first?.score ?? null,
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
  const { trainer, bank, training, options } = input;
  const learningRate = rateAt(run.step, run.totalSteps, { ...options, learningRate: run.peakRate });
  let done = 0;
  let loss = 0;
  let active = 0;
  let microBatch = 0;
  while (done < batch) {
    const size = await granted(input, batch - done);
    if (size === null) return 'aborted';
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

/** Scores the average, notes whether it is the best so far, and puts the training weights back. */
async function scoreAverage(input: FineTuneInput, run: Run, scorer: Scorer | null): Promise<number | null> {
  if (scorer === null) return null;
  await input.trainer.load(run.average);
  const { rank, score } = scorer(await embedSet(input, input.heldOut));
  await input.trainer.load(run.weights);
  if (run.bestRank === null || rank > run.bestRank) {
    run.bestRank = rank;
    run.waited = 0;
  } else {
    run.waited += 1;
  }
  return score;
}
