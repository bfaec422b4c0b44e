import { SafaceError } from '@saface/core';
import { progress } from '../output.ts';

/** Whatever was started and is to be stopped. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Starts things with `begin`, waits for Ctrl-C (or SIGTERM), which aborts its signal, and stops the stack whatever happened. A second
 * Ctrl-C does not wait: what runs by then is killed, see `Supervisor`.
 */
export async function untilInterrupted(stack: Stoppable, begin: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupted = interruption();
  try {
    await Promise.race([begin(controller.signal), interrupted]);
    await interrupted;
  } finally {
    controller.abort();
    progress('\nStopping');
    await stack.stop();
  }
}

/** Runs `work` to its end or to Ctrl-C, which aborts its signal, and stops the stack whatever happened. */
export async function withStack<T>(stack: Stoppable, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupted = interruption().then(() => {
    const error = new SafaceError('unavailable', 'Interrupted', 'Start it again; nothing was lost.');
    controller.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(controller.signal), interrupted]);
  } finally {
    await stack.stop();
  }
}

/** Milliseconds within which a second signal is the first again: a terminal sends Ctrl-C to npm, the set-up and this process, and each passes it on. */
const SAME_SIGNAL = 1000;

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    let asked = Number.POSITIVE_INFINITY;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (performance.now() - asked > SAME_SIGNAL) process.exit(130);
        asked = Math.min(asked, performance.now());
        resolve();
      });
    }
  });
}
