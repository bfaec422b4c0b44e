import type { FineTuneOptions } from './fine-tune-types.ts';

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
