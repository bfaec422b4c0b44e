import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { createLogger } from '@saface/agent-kit';
import { calibrate } from './calibrate-trainer.ts';
import { train } from './train-run.ts';
import { failureOf, type TrainerNote, type TrainerOrder, trainerOrderSchema } from './trainer-protocol.ts';

/**
 * Entry of the trainer: a process of its own, because a training step blocks the thread it runs on, because recognition has priority
 * (nice 19), and because one that is killed takes nothing with it. It ends with its edge.
 */
setPriority(constants.priority.PRIORITY_LOW);
yieldMemory();
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C in a terminal reaches every process; the edge decides when the trainer ends.
process.on('SIGINT', () => undefined);

const log = createLogger('trainer');
const cancel = new AbortController();
let grant: (triplets: number) => void = () => {};

process.on('message', (message) => {
  const order = trainerOrderSchema.parse(message);
  if (order.kind === 'batch') grant(order.triplets);
  else if (order.kind === 'cancel') {
    cancel.abort();
    grant(0);
  } else void work(order);
});

async function work(order: Extract<TrainerOrder, { kind: 'train' | 'calibrate' }>): Promise<void> {
  try {
    if (order.kind === 'calibrate') {
      tell({ kind: 'step-cost', ...(await calibrate(order)) });
      await finish({ kind: 'done' });
    } else {
      const finished = await train(order, { nextBatchSize, tell, signal: cancel.signal, log });
      await finish({ kind: finished ? 'done' : 'cancelled' });
    }
  } catch (error) {
    await finish(failureOf(error));
  }
}

function nextBatchSize(): Promise<number> {
  if (cancel.signal.aborted) return Promise.resolve(0);
  return new Promise((resolve) => {
    grant = resolve;
    tell({ kind: 'ask-batch' });
  });
}

function tell(note: TrainerNote): void {
  if (process.connected) process.send?.(note);
}

/** Ends only after the last word has left. */
async function finish(note: TrainerNote): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.connected) process.send?.(note, () => resolve());
    else resolve();
  });
  process.exit(0);
}

/** When memory runs out the trainer goes first, not recognition. */
function yieldMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // Not Linux, or not allowed: the kernel chooses as it likes.
  }
}
