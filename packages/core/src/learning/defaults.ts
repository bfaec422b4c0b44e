import type { FineTuneOptions } from './fine-tune.ts';

/** Starting point for a recogniser whose embeddings compare by squared Euclidean distances around 0.2..0.6. */
export const defaultFineTuneOptions: FineTuneOptions = {
  learningRate: 0.002,
  momentum: 0.9,
  weightDecay: 0,
  basePull: 1e-3,
  margin: 0.2,
  targetBatch: 40,
  passes: 3,
  warmUpSteps: 5,
  finalRate: 0.1,
  emaDecay: 0.9,
  evaluateEvery: 5,
  patience: 8,
  seed: 1,
  triplets: { negatives: 'co-occurring', positiveQuantile: 0.5, negativeQuantile: 0.2, selection: 'drawn' },
  scoreGap: 20,
};
