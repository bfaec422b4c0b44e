import type { Logger } from '@saface/agent-kit';
import { type CrossFitState, describeError } from '@saface/core';

/** Milliseconds between two checkpoints at least: they hold the weights three times over. */
const INTERVAL = 10_000;

/** Writes checkpoints now and then. One that cannot be written, as on a full disk, costs some repeated steps after a crash, not the run. */
export function checkpointWriter(
  write: (state: CrossFitState) => Promise<void>,
  log: Logger,
  interval = INTERVAL,
): (state: CrossFitState) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async (state) => {
    if (performance.now() - last < interval) return;
    last = performance.now();
    try {
      await write(state);
    } catch (error) {
      log.warn({ error: describeError(error) }, 'a checkpoint was not written; training goes on');
    }
  };
}
