import type { Logger } from '@saface/agent-kit';
import { describeError, queues } from '@saface/core';
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';

const { name, payload } = queues.training;

export interface TrainingQueueOptions {
  readonly redisUrl: string;
  readonly agentId: string;
  readonly log: Logger;
  /** Does one run; rejects to have it tried again, with UnrecoverableError to give it up. */
  readonly process: (runId: string) => Promise<void>;
  /** The run failed for good. */
  readonly onGivenUp: (runId: string, why: string) => void;
  /** Milliseconds after which a job of a killed edge is taken up by the next. Default 10 s. */
  readonly lockDuration?: number;
}

/** Times a run may be taken up again after its trainer was killed. */
const ATTEMPTS = 20;

/** The BullMQ queue of training runs on the edge's own Redis. One run, one job: adding a run twice is one job. */
export class TrainingQueue {
  readonly #queue: Queue;
  readonly #worker: Worker;

  constructor(options: TrainingQueueOptions) {
    const { redisUrl, agentId, log, lockDuration = 10_000 } = options;
    const prefix = `saface:${agentId}`;
    const retryStrategy = (times: number) => Math.min(200 * times, 2000);
    this.#queue = new Queue(name, {
      prefix,
      // Adding must fail at once while Redis is away: the run's record on disk is what it is added from again.
      connection: { url: redisUrl, enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy },
      defaultJobOptions: {
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: 1000 },
        removeOnComplete: { count: 100 },
        removeOnFail: { count: 100 },
      },
    });
    this.#worker = new Worker(
      name,
      async (job: Job) => {
        const parsed = payload.safeParse(job.data);
        if (!parsed.success) throw new UnrecoverableError('the job does not name a training run');
        await options.process(parsed.data.runId);
      },
      {
        prefix,
        connection: { url: redisUrl, maxRetriesPerRequest: null, retryStrategy },
        concurrency: 1,
        lockDuration,
        stalledInterval: lockDuration / 2,
        // A stall is a killed edge, and an edge may be killed as often as it likes.
        maxStalledCount: 1000,
      },
    );
    const note = (error: Error) => log.debug({ error: describeError(error) }, 'training queue');
    this.#queue.on('error', note);
    this.#worker.on('error', note);
    this.#worker.on('failed', (job, error) => {
      log.warn({ runId: job?.id, attempt: job?.attemptsMade, error: describeError(error) }, 'training job interrupted');
      const lastTime = error instanceof UnrecoverableError || (job?.attemptsMade ?? 0) >= ATTEMPTS;
      if (job?.id && lastTime) options.onGivenUp(job.id, describeError(error));
    });
  }

  /** Harmless when the job exists, in whatever state. Rejects while Redis is away. */
  async add(run: { readonly id: string; readonly scenarioId: string }): Promise<void> {
    await this.#queue.add('train', { runId: run.id, scenarioId: run.scenarioId }, { jobId: run.id });
  }

  /** Takes a waiting job out; one that runs ends by itself. */
  async remove(runId: string): Promise<void> {
    await this.#queue.remove(runId).catch(() => 0);
  }

  /** Does not wait for a running job: its lock expires, and the next edge process takes it up from its checkpoint. */
  async close(): Promise<void> {
    await Promise.all([this.#worker.close(true), this.#queue.close()]).catch(() => undefined);
  }
}
