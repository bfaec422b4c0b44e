import { type Logger, withDeadline } from '@saface/agent-kit';
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
  readonly onGivenUp: (runId: string, why: string) => Promise<void>;
  /** Milliseconds after which a job of a killed edge is taken up by the next. Default 10 s. */
  readonly lockDuration?: number;
}

/** Milliseconds after which Redis counts as away: until the first connection BullMQ would wait for ever. */
const PATIENCE = 3000;
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
      if (!job?.id || !lastTime) return;
      options.onGivenUp(job.id, describeError(error)).catch((cause: unknown) => {
        // The run stays open, and gets another job.
        log.error({ runId: job.id, error: describeError(cause) }, 'the end of a run could not be written down');
      });
    });
  }

  /**
   * Harmless when the job waits or is at work. One that has ended is made anew, as whoever adds an open run knows that its end did not reach
   * the disk, or that it was only paused. Rejects while Redis is away.
   */
  async add({ id, scenarioId }: { readonly id: string; readonly scenarioId: string }): Promise<void> {
    await this.#once(async () => {
      const state = await this.#queue.getJobState(id);
      if (state === 'completed' || state === 'failed') await this.#queue.remove(id);
      await this.#queue.add('train', { runId: id, scenarioId }, { jobId: id });
    });
  }

  /** Takes a waiting job out; one that runs ends by itself. While Redis is away the job stays, and finds its run over. */
  async remove(runId: string): Promise<void> {
    await this.#once(() => this.#queue.remove(runId)).catch(() => 0);
  }

  #once<T>(work: () => Promise<T>): Promise<T> {
    return withDeadline(PATIENCE, undefined, async (signal) => {
      await this.#queue.waitUntilReady();
      // Nobody waits for it any more.
      signal.throwIfAborted();
      return work();
    });
  }

  /** Does not wait for a running job: its lock expires, and the next edge process takes it up from its checkpoint. */
  async close(): Promise<void> {
    await Promise.all([this.#worker.close(true), this.#queue.close()]).catch(() => undefined);
  }
}
