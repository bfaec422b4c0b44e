import { countFlops } from '../onnx/cut.ts';
import { decodeModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import { elementCount } from '../onnx/tensor.ts';
import { physicalCores } from '../runtime/threads.ts';
import { noiseArray } from '../training/fixtures.ts';
import { createOrtLearner } from '../training/ort-learner.ts';
import { createOrtTrainer } from '../training/ort-trainer.ts';
import type { EmbeddingMetric } from '../training/triplet-loss.ts';
import { median } from './training-versus.ts';

export interface TrainingBenchOptions {
  /** The learner as an ONNX file. */
  readonly learner: Uint8Array;
  readonly metric?: EmbeddingMetric;
  /** Triplets in one step; a step sees three samples of each. Default 16. */
  readonly triplets?: number;
  /** Measured steps; the first two are thrown away. Default 15. */
  readonly rounds?: number;
  /** Default: physical cores. */
  readonly threads?: number;
  readonly onRound?: (done: number, total: number) => void;
}

export interface TrainingBenchResult {
  readonly triplets: number;
  readonly samples: number;
  readonly threads: number;
  /** Median time of one complete training step (forward, loss, backward, update), in milliseconds. */
  readonly stepMs: number;
  /** Median time of the served learner's forward pass over as many samples, in milliseconds. */
  readonly forwardMs: number;
  /** `stepMs / forwardMs`. */
  readonly ratio: number;
  /** Median time of a step in which a quarter of the triplets has a loss, as soon comes about in a run, in milliseconds. */
  readonly quarterStepMs: number;
  readonly stepsPerSecond: number;
  readonly tripletsPerSecond: number;
  /** A step counts as three forward passes: one forward, one for each of the two gradients. */
  readonly stepGflops: number;
  readonly forwardGflops: number;
  /** Floating-point operations of one forward pass for one sample. */
  readonly learnerFlops: number;
  /** Resident memory of this process at the end, in MiB. */
  readonly rssMiB: number;
}

const warmUp = 2;

/**
 * Times the training step beside the learner's plain forward pass. The two take turns, so that whatever else the machine
 * does meanwhile hits both, and medians are compared.
 */
export async function benchTraining(options: TrainingBenchOptions): Promise<TrainingBenchResult> {
  const { learner, triplets = 16, rounds = 15, threads = physicalCores() } = options;
  const samples = 3 * triplets;
  const trainer = await createOrtTrainer({ learner, metric: options.metric ?? 'euclidean', threads });
  const served = await createOrtLearner(learner, { threads, maxBatch: samples });
  const features = noiseArray(samples * elementCount(served.featureShape), 1);
  const quarter = quarterActive(features, triplets);
  // A margin no distance can satisfy keeps every triplet active, a small rate keeps the weights sane.
  const settings = { learningRate: 1e-6, momentum: 0.9, weightDecay: 1e-4, basePull: 0, margin: 1e3, apply: true };
  const steps: number[] = [];
  const quarters: number[] = [];
  const forwards: number[] = [];
  try {
    for (let round = 0; round < rounds + warmUp; round++) {
      const step = await time(() => trainer.step(features, settings));
      const forward = await time(() => served.embed(features));
      options.onRound?.(round + 1, rounds + warmUp);
      if (round < warmUp) continue;
      steps.push(step);
      forwards.push(forward);
    }
    for (let round = 0; round < rounds + warmUp; round++) {
      const step = await time(() => trainer.step(quarter, { ...settings, margin: 0 }));
      if (round >= warmUp) quarters.push(step);
    }
  } finally {
    await trainer.dispose();
    await served.dispose();
  }
  const [stepMs, forwardMs] = [median(steps), median(forwards)];
  const learnerFlops = countFlops(normalizeModel(decodeModel(learner)));
  const forwardGflop = (learnerFlops * samples) / 1e9;
  return {
    triplets,
    samples,
    threads,
    stepMs,
    forwardMs,
    ratio: stepMs / forwardMs,
    quarterStepMs: median(quarters),
    stepsPerSecond: 1000 / stepMs,
    tripletsPerSecond: (1000 * triplets) / stepMs,
    stepGflops: (3 * forwardGflop * 1000) / stepMs,
    forwardGflops: (forwardGflop * 1000) / forwardMs,
    learnerFlops,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
  };
}

/** The first quarter of these triplets has a loss at any margin, as its negatives are its anchors; in the others the positives are. */
function quarterActive(features: Float32Array, triplets: number): Float32Array {
  const own = features.slice();
  const sampleSize = features.length / (3 * triplets);
  const active = Math.ceil(triplets / 4);
  for (let i = 0; i < triplets; i++) {
    const role = i < active ? 2 : 1;
    own.copyWithin((role * triplets + i) * sampleSize, i * sampleSize, (i + 1) * sampleSize);
  }
  return own;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
