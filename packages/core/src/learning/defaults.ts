import type { Metric } from '../recognition/gallery.ts';
import type { FineTuneOptions } from './fine-tune-types.ts';
import { allTriplets } from './triplet-selection.ts';
import type { WhiteningOptions } from './whitening.ts';

/**
 * For recognisers whose squared embedding distances lie around 0.2..0.6. Settings are compared with `saface bench folds`, and parts
 * switched off one by one with `saface bench table1 --ablations`.
 *
 * - Negatives come from all probes of co-occurring tracks, drawn from the hardest third, positives from the farther 70 % of the
 *   track: Algorithm 1's hardest pairs teach less, and always the hardest of that many negatives collapses all embeddings into
 *   one point (the loss settles at the margin).
 * - The pull to the base is weak, as a strong one keeps a camera with much to learn from learning it; where little was seen,
 *   weights part of the way back to the base are chosen at the end instead (docs/decisions/019 and 035).
 */
export const fineTuneOptionsFor = (metric: Metric): FineTuneOptions => ({
  stepShare: 0.02,
  learningRate: 0.002,
  momentum: 0.9,
  weightDecay: 0,
  basePull: 0.01,
  margin: 0.4,
  targetBatch: 32,
  passes: 2,
  warmUpSteps: 5,
  finalRate: 0.1,
  emaDecay: 0.9,
  evaluateEvery: 8,
  patience: 5,
  seed: 1,
  triplets: { metric, negatives: 'co-occurring', positiveQuantile: 0.3, negativeQuantile: 0.3, selection: 'drawn' },
  firstQuantiles: null,
  selection: allTriplets,
  consistency: { steps: 50, batch: 64, rate: 0.003 },
  scoring: { minGap: 20 },
  usualShare: 0.7,
  // Lengths count for distances alone. Never all of it: on a camera that sees few people some of it is theirs.
  centring: { share: 0.75, evenness: { euclidean: 0.75, cosine: 0 }[metric] },
  whitening: whiteningsFor(metric),
});

/**
 * The first is the usual one, so it stretches nothing; others have to rank higher. Only angles see what everybody has in common;
 * enrolment pictures have something else in common, so not all of it is taken out.
 */
function whiteningsFor(metric: Metric): WhiteningOptions[] {
  const shrinkages = [0.5, 0.8];
  const centrings = { euclidean: [0], cosine: [0, 0.5] }[metric];
  return shrinkages.flatMap((shrinkage) =>
    [0, 0.25, 0.5].flatMap((emphasis) => centrings.map((centring) => ({ shrinkage, emphasis, centring }))),
  );
}
