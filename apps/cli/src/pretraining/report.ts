import type { PretrainProgress } from '@saface/core';
import { progress } from '../output.ts';

/** One line for each epoch, and now and then a step: more would be noise in a log. */
export function reportPretraining(event: PretrainProgress): void {
  if (event.kind === 'resumed') progress(`  goes on from step ${event.step}`);
  if (event.kind === 'step' && (event.step === 1 || event.step % 50 === 0))
    progress(
      `  step ${event.step} of ${event.steps}: loss ${event.loss.toFixed(3)}, ${event.picturesPerSecond.toFixed(0)} pictures/s`,
    );
  if (event.kind === 'epoch')
    progress(
      `  epoch ${event.epoch} of ${event.epochs}: loss ${event.loss.toFixed(3)}, held-out accuracy ${event.verification.accuracy.toFixed(4)}`,
    );
}

export function reportPeople(done: number, total: number): void {
  if (done % 20 === 0 || done === total) progress(`  ${done} of ${total} people prepared`);
}
