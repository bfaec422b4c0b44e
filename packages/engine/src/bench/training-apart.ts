import { SafaceError } from '@saface/core';
import { runChild } from '../runtime/child.ts';
import { threadsSpin } from '../runtime/session.ts';
import type { TrainingBenchOptions, TrainingBenchResult } from './training-bench.ts';
import type { TrainingChildAnswer, TrainingChildTask } from './training-child.ts';

export interface TrainingApart extends TrainingBenchResult {
  /** Most memory that the process ever held: trainer, served learner and Node itself, in MiB. */
  readonly peakMiB: number;
}

const PATIENCE = 600_000;

/**
 * `benchTraining` in a process of its own, which does nothing else: so its peak memory is that of training.
 * @throws SafaceError 'internal' with what the process said
 */
export async function benchTrainingApart(options: Omit<TrainingBenchOptions, 'onRound'>): Promise<TrainingApart> {
  const { answer, how } = await runChild<TrainingChildAnswer>(new URL('./training-child.ts', import.meta.url), {
    message: { ...options, spin: threadsSpin() } satisfies TrainingChildTask,
    timeout: PATIENCE,
  });
  if (answer && 'result' in answer) return { ...answer.result, peakMiB: answer.peakMiB };
  throw new SafaceError(
    'internal',
    `The training benchmark failed: ${answer ? answer.error : how}`,
    'Run it again with less load on the machine.',
  );
}
