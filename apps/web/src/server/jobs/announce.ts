import { withDeadline } from '@saface/agent-kit/deadline';
import type { QueuePayload } from '@saface/core';
import type { Queue } from 'bullmq';
import type { Deps } from '../deps.ts';
import type { ControlQueue } from './registry.ts';

/** Milliseconds that whoever asked waits for Redis. One that hangs takes commands and answers none. */
const PATIENCE = 3000;

/**
 * Tells the worker of a row that is to be done. Should Redis be away, nothing is lost: the worker looks for such rows whenever it starts,
 * and once a minute.
 */
export async function announce<Q extends ControlQueue>(
  queue: Pick<Queue, 'name' | 'add'>,
  { id, payload, log }: { readonly id: string; readonly payload: QueuePayload<Q>; readonly log: Deps['log'] },
): Promise<void> {
  try {
    await withDeadline(PATIENCE, undefined, () => queue.add(queue.name, payload, { jobId: id }));
  } catch (error) {
    log.warn({ err: error, queue: queue.name, id }, 'Redis is away; the worker will find it later');
  }
}
