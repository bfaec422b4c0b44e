import { describeError } from '@saface/core';
import { answerParent } from '../runtime/child.ts';
import { benchTraining, type TrainingBenchOptions, type TrainingBenchResult } from './training-bench.ts';

export type TrainingChildAnswer =
  | { readonly result: TrainingBenchResult; readonly peakMiB: number }
  | { readonly error: string };

/** Entry of the process whose peak memory `benchTrainingApart` measures. */
answerParent<TrainingBenchOptions, TrainingChildAnswer>(async (options) => {
  try {
    const result = await benchTraining(options);
    return { result, peakMiB: process.resourceUsage().maxRSS / 1024 };
  } catch (error) {
    return { error: describeError(error) };
  }
});
