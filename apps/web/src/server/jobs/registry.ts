import { describeError, type QueueKey, type QueuePayload, queues } from '@saface/core';
import { type ConnectionOptions, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';

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
  const workers = handlers.map((handler) => {
    const { name } = queues[handler.queue];
    const process = async (job: Job) => {
      const started = performance.now();
      await handler.run(parsePayload(handler.queue, job.data));
      log.info({ queue: name, job: job.id, ms: Math.round(performance.now() - started) }, 'done');
    };
    const worker = new Worker(name, process, { connection, concurrency: handler.concurrency });
    worker.on('failed', (job, error) => log.error({ queue: name, job: job?.id }, describeError(error)));
    worker.on('error', (error) => log.warn({ queue: name }, describeError(error)));
    return worker;
  });
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
