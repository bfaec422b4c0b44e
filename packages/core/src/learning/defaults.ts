import type { FineTuneOptions } from './fine-tune.ts';

/**
 * For recognisers whose squared embedding distances lie around 0.2..0.6. Chosen on simulated videos with their truth, and on
 * real surveillance video by the label-free score alone. What was found, with face-api's ResNet:
 *
 * - Drawing negatives from the hardest fifth of all probes of co-occurring tracks, and positives from the farther half of the
 *   track, cuts the simulated corridor's error by 52 %; Algorithm 1's hardest pairs by 31 % in as many updates. Always taking
 *   the hardest of many negatives collapses all embeddings into one point (the loss settles at the margin).
 * - 0.005 overfits a real camera with a score of people within one pass, 0.002 does not.
 * - A strong pull to the base (5) generalises best on little real video but keeps the corridor from learning (13 %). So the
 *   pull is weak, and weights part of the way back to the base are tried at the end instead: the corridor takes all of the
 *   way, the real video about a third.
 */
export const defaultFineTuneOptions: FineTuneOptions = {
  learningRate: 0.002,
  momentum: 0.9,
  weightDecay: 0,
  basePull: 0.01,
  margin: 0.2,
  targetBatch: 32,
  passes: 2,
  warmUpSteps: 5,
  finalRate: 0.1,
  emaDecay: 0.9,
  evaluateEvery: 8,
  patience: 5,
  seed: 1,
  triplets: { negatives: 'co-occurring', positiveQuantile: 0.5, negativeQuantile: 0.2, selection: 'drawn' },
  scoreGap: 20,
};
