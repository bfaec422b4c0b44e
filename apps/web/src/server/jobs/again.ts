import { type QueuePayload, SafaceError } from '@saface/core';
import type { Job, Queue } from 'bullmq';
import { type ControlQueue, type JobHandler, MAX_STALLS } from './registry.ts';

interface Pending<Q extends ControlQueue> {
  readonly id: string;
  readonly payload: QueuePayload<Q>;
  /** Absent for long work that goes on where it was: a worker that ended meanwhile says nothing of it. */
  readonly giveUp?: JobHandler<Q>['giveUp'];
}

/**
 * For a row that says it is still to be done: a job that was lost with its Redis, or that has failed, is made anew. One that took its
 * worker with it every time is given up: it would do so for ever, with everything queued behind it.
 */
export async function again<Q extends ControlQueue>(
  queue: Queue,
  { id, payload, giveUp }: Pending<Q>,
): Promise<'queued' | 'given up'> {
  const job: Job | undefined = await queue.getJob(id);
  const state = await job?.getState();
  const deadly = state === 'failed' && (job?.stalledCounter ?? 0) > MAX_STALLS;
  // The row first: should that fail, the job is found as it is the next time.
  if (deadly && giveUp) await giveUp(payload, new SafaceError('exhausted', ...inWords));
  if (state === 'failed' || state === 'completed') await queue.remove(id);
  if (deadly && giveUp) return 'given up';
  await queue.add(queue.name, payload, { jobId: id });
  return 'queued';
}

const inWords = [
  `The worker ended ${MAX_STALLS + 1} times in a row while it was at this`,
  'Mostly memory has run out: take a smaller file, or a machine with more memory. The log of the worker may say more.',
] as const;
