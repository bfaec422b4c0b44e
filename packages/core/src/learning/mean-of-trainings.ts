import { type Choice, type ChoiceInput, embedSet, onTheWay, type TrainedPart } from './choose-weights.ts';
import type { LearningSet } from './learning-set.ts';
import { meanWeights, type Weights, weightsAreFinite } from './weights.ts';
import { trackStatistics, whiteningMap } from './whitening.ts';

/** What is served of several trainings. */
export interface ServedMean {
  /** How far it goes from the first weights to the mean of the trainings' averages, 0..1. */
  readonly share: number;
  readonly weights: Weights;
}

/**
 * The mean of the trainings, at the share that suits a mean, whitened as was chosen for each. One training alone is served as it was
 * judged.
 *
 * @param set all tracks that the trainings learnt from
 */
export async function meanOfTrainings(
  input: ChoiceInput,
  { parts, choice, set }: { parts: readonly TrainedPart[]; choice: Choice; set: LearningSet },
): Promise<ServedMean> {
  const judged = { share: choice.share, weights: meanWeights(choice.weights) };
  if (parts.length === 1) return judged;
  const share = shareOfMean(choice.share, parts.length);
  const weights = meanWeights(onTheWay(parts, share));
  const served = choice.whitening ? await whitened(input, { weights, whitening: choice.whitening, set }) : weights;
  return served ? { share, weights: served } : judged;
}

/**
 * The share for the mean of `count` trainings, when `share` is the best for each alone. What a training moved is what they all learn and
 * what chance added to it; a share shrinks both, and is best at S / (S + N), the powers of the two. Chance partly cancels in the mean,
 * which can go as far as S / (S + N / count).
 */
export function shareOfMean(share: number, count: number): number {
  return (count * share) / (1 + (count - 1) * share);
}

/** Null where the learner cannot take the map. */
async function whitened(
  { trainer, bank, options }: ChoiceInput,
  { weights, whitening, set }: { weights: Weights; whitening: NonNullable<Choice['whitening']>; set: LearningSet },
): Promise<Weights | null> {
  await trainer.load(weights);
  const values = await embedSet({ trainer, bank }, set);
  const dimension = values.length / set.probes.length;
  const statistics = trackStatistics(set, { values, dimension, metric: options.triplets.metric ?? 'euclidean' });
  const projected = statistics && (await trainer.projected(whiteningMap(statistics, whitening)));
  return projected && weightsAreFinite(projected) ? projected : null;
}
