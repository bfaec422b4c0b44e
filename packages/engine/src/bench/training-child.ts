import { describeError } from '@saface/core';
import { answerParent } from '../runtime/child.ts';
import { spinThreads } from '../runtime/session.ts';
import { benchTraining, type TrainingBenchOptions, type TrainingBenchResult } from './training-bench.ts';

export interface TrainingChildTask extends TrainingBenchOptions {
  /** Whether the threads of the process that asks spin. */
  readonly spin: boolean;
}

export type TrainingChildAnswer =
  | { readonly result: TrainingBenchResult; readonly peakMiB: number }
  | { readonly error: string };

/** Entry of the process whose peak memory `benchTrainingApart` measures. */
answerParent<TrainingChildTask, TrainingChildAnswer>(async ({ spin, ...options }) => {
  spinThreads(spin);
  try {
    const result = await benchTraining(options);
    return { result, peakMiB: process.resourceUsage().maxRSS / 1024 };
  } catch (error) {
    return { error: describeError(error) };
  }
});
