export interface MicroBatcherOptions<Job> {
  /** Probes in a job; 0 for a frame without faces. */
  readonly weight: (job: Job) => number;
  /** Handles a batch; jobs are in the order they came. Rejects only for the whole batch. */
  readonly run: (jobs: readonly Job[]) => Promise<void>;
  /** Most probes of one batch; a single larger job goes alone. Default 16. */
  readonly maxWeight?: number;
  /** Milliseconds a job may wait for company. Default 15. */
  readonly maxDelay?: number;
}

interface Entry<Job> {
  readonly job: Job;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what several cameras bring within a few milliseconds into one call of the network. One batch runs at a time; what comes
 * meanwhile is the next batch, so under load batches grow by themselves and nobody waits for a timer.
 */
export class MicroBatcher<Job> {
  readonly #options: MicroBatcherOptions<Job>;
  readonly #maxWeight: number;
  readonly #maxDelay: number;
  readonly #queue: Entry<Job>[] = [];
  readonly #between: (() => Promise<void>)[] = [];
  #weight = 0;
  #running = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: MicroBatcherOptions<Job>) {
    this.#options = options;
    this.#maxWeight = options.maxWeight ?? 16;
    this.#maxDelay = options.maxDelay ?? 15;
  }

  /** Probes waiting. */
  get depth(): number {
    return this.#weight;
  }

  get idle(): boolean {
    return !this.#running && this.#queue.length === 0;
  }

  /** Resolves when the job was handled; rejects when its batch failed. */
  push(job: Job): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, since: performance.now(), resolve, reject });
      this.#weight += this.#options.weight(job);
      this.#schedule();
    });
  }

  /** Runs `action` while no batch does, for example to close a model that nothing uses any more. */
  exclusive(action: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => action().then(resolve, reject));
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#running) return;
    const oldest = this.#queue[0];
    const waited = oldest ? performance.now() - oldest.since : 0;
    const due = this.#weight >= this.#maxWeight || waited >= this.#maxDelay;
    if (this.#between.length > 0 || (oldest && due)) void this.#run();
    else if (oldest) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        if (!this.#running) void this.#run();
      }, this.#maxDelay - waited);
    }
  }

  async #run(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = true;
    try {
      for (const action of this.#between.splice(0)) await action();
      const batch = this.#take();
      if (batch.length > 0) await this.#handle(batch);
    } finally {
      this.#running = false;
      this.#schedule();
    }
  }

  async #handle(batch: readonly Entry<Job>[]): Promise<void> {
    try {
      await this.#options.run(batch.map((entry) => entry.job));
      for (const entry of batch) entry.resolve();
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }

  #take(): Entry<Job>[] {
    let weight = 0;
    let count = 0;
    for (const { job } of this.#queue) {
      const next = this.#options.weight(job);
      if (count > 0 && weight + next > this.#maxWeight) break;
      weight += next;
      count += 1;
    }
    this.#weight -= weight;
    return this.#queue.splice(0, count);
  }
}
