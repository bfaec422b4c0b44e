import { describeError, type QueueKey, type QueuePayload, queues, SafaceError } from '@saface/core';
import { type ConnectionOptions, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { isAway } from '../errors.ts';

/** The jobs of the control plane; `training` runs on the edges. */
export const controlQueues = [
  'enrolmentCheck',
  'modelImport',
  'baseModelMove',
  'pretraining',
  'retention',
] as const satisfies readonly QueueKey[];
export type ControlQueue = (typeof controlQueues)[number];

export interface JobHandler<Q extends ControlQueue = ControlQueue> {
  readonly queue: Q;
  readonly concurrency: number;
  run(payload: QueuePayload<Q>): Promise<void>;
  /**
   * Tells the row that it will not be done, and why; without it the row would be tried for ever, and nobody told. Must do
   * nothing where the row has been settled meanwhile. Absent where no row waits.
   */
  giveUp?(payload: QueuePayload<Q>, why: SafaceError): Promise<void>;
}

/** Tries of one job; whoever looks for pending rows makes the next one a minute later. */
export const MAX_TRIES = 3;
/** Times that a job is taken up by itself after its worker ended: with the first, as many tries. See `again`. */
export const MAX_STALLS = MAX_TRIES - 1;

/** What failed without words of its own is told without its inner text; that is in the log. */
const inWords = (error: unknown): SafaceError =>
  error instanceof SafaceError && error.code !== 'internal'
    ? error
    : new SafaceError(
        'internal',
        `It failed ${MAX_TRIES} times in a row`,
        'The log of the worker says why; start it again once that is mended.',
      );

/**
 * Runs a handler's jobs and gives up those that keep failing. Counted in this process: one that starts anew may have been
 * mended. What ends the process itself is counted by BullMQ. What was cut off, by this process stopping or the database going away, says nothing of the job.
 */
export function withPatience<Q extends ControlQueue>(
  handler: Pick<JobHandler<Q>, 'run' | 'giveUp'>,
  isStopping: () => boolean,
): (id: string, payload: QueuePayload<Q>) => Promise<void> {
  const failures = new Map<string, number>();
  return async (id, payload) => {
    try {
      await handler.run(payload);
      failures.delete(id);
    } catch (error) {
      if (isStopping() || isAway(error)) throw error;
      const count = (failures.get(id) ?? 0) + 1;
      failures.set(id, count);
      if (count >= MAX_TRIES) {
        // Where this fails too (the database is away) the row stays pending and the next failure is the last again.
        await handler.giveUp?.(payload, inWords(error));
        failures.delete(id);
      }
      throw error;
    }
  };
}

/** One handler per queue, or the worker does not start. */
export function checkHandlers(handlers: readonly { queue: string }[]): void {
  for (const queue of controlQueues) {
    const count = handlers.filter((handler) => handler.queue === queue).length;
    if (count !== 1) throw new Error(`The queue ${queue} has ${count} handlers instead of one`);
  }
  const strange = handlers.find(({ queue }) => !(controlQueues as readonly string[]).includes(queue));
  if (strange) throw new Error(`There is no queue ${strange.queue}`);
}

/** Payloads come from outside this process: they are checked again, and a bad one is not tried twice. */
export function parsePayload<Q extends ControlQueue>(queue: Q, data: unknown): QueuePayload<Q> {
  const result = queues[queue].payload.safeParse(data);
  if (!result.success) throw new UnrecoverableError(`Bad payload: ${z.prettifyError(result.error)}`);
  return result.data as QueuePayload<Q>;
}

export interface Workers {
  close(): Promise<void>;
}

export function startWorkers(
  handlers: readonly JobHandler[],
  { connection, log }: { connection: ConnectionOptions; log: Logger },
): Workers {
  checkHandlers(handlers);
  let stopping = false;
  const workers = handlers.map((handler) => {
    const { name } = queues[handler.queue];
    const run = withPatience(handler, () => stopping);
    const process = async (job: Job) => {
      const started = performance.now();
      await run(job.id ?? '', parsePayload(handler.queue, job.data));
      log.info({ queue: name, job: job.id, ms: Math.round(performance.now() - started) }, 'done');
    };
    const worker = new Worker(name, process, {
      connection,
      concurrency: handler.concurrency,
      maxStalledCount: MAX_STALLS,
    });
    worker.on('failed', (job, error) => log.error({ queue: name, job: job?.id }, describeError(error)));
    worker.on('error', (error) => log.warn({ queue: name }, describeError(error)));
    return worker;
  });
  return {
    async close() {
      stopping = true;
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
