import { type AgentClient, type Backoff, type Logger, sleep } from '@saface/agent-kit';
import { describeError, type OutboxItem, outboxItemSchema, SafaceError } from '@saface/core';
import { z } from 'zod';
import { OutboxSender } from './outbox-sender.ts';
import type { Lane, OutboxStore } from './outbox-store.ts';
import type { Problems } from './problems.ts';

export interface OutboxOptions {
  readonly client: Pick<AgentClient, 'call'>;
  readonly store: OutboxStore;
  readonly log: Logger;
  readonly problems: Problems;
  readonly backoff: Backoff;
  /** Runs before an item is pushed; rejects to have it tried again later. A version's learner is uploaded here. */
  readonly beforePush?: (item: OutboxItem) => Promise<void>;
  /** Runs when an item was answered or put aside; a crash before it left the store repeats it. Must not reject. */
  readonly afterPush?: (item: OutboxItem) => Promise<void>;
  readonly limits?: Partial<OutboxLimits>;
}

export interface OutboxLimits {
  /** Waiting metrics items; older ones are dropped. One item is a second of one edge. */
  readonly metrics: number;
  /** Waiting durable items from which on new events are kept without their picture. */
  readonly pictures: number;
  /** Items held in memory while the store is away. */
  readonly memory: number;
  readonly batchItems: number;
  /** Bytes of JSON in one push; one larger item goes alone. */
  readonly batchBytes: number;
  /** Items put aside; older ones are dropped. */
  readonly dead: number;
}

const defaults: OutboxLimits = {
  metrics: 10_800,
  pictures: 50_000,
  memory: 20_000,
  batchItems: 200,
  batchBytes: 2 << 20,
  dead: 1000,
};

/** So many pushes in a row must fail before an operator is told. */
const PATIENCE = 5;

interface Waiting {
  readonly lane: Lane;
  readonly json: string;
}

/**
 * Store-and-forward to the control plane. Items of a lane leave in the order they came, at most 200 at a time; an item leaves the store
 * only after the control plane has answered, so a crash repeats items (ids make that harmless) and never loses one. While the store
 * (Redis) is away items wait in memory, in order.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #limits: OutboxLimits;
  readonly #sender: OutboxSender;
  readonly #stop = new AbortController();
  #memory: Waiting[] = [];
  #storeDown = false;
  /** Nothing older waits in the store, so memory may be sent directly without overtaking. */
  #storeEmpty = false;
  #chain: Promise<unknown> = Promise.resolve();
  #depths: Record<'durable' | 'metrics', number> = { durable: 0, metrics: 0 };
  #lastLane: 'durable' | 'metrics' = 'metrics';
  #running: Promise<void> | null = null;
  #sendingMetrics = false;
  #pause = new AbortController();
  #pending = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
    this.#sender = new OutboxSender({ ...options, limits: this.#limits, signal: this.#stop.signal });
  }

  /** Items waiting, as far as known. */
  get depth(): number {
    return this.#depths.durable + this.#depths.metrics + this.#memory.length;
  }

  /** Whether what waits is so much that new items should be as few and small as they can. */
  get crowded(): boolean {
    return this.#depths.durable >= this.#limits.pictures;
  }

  get storeDown(): boolean {
    return this.#storeDown;
  }

  /** Resolves when the item is in the store, or in memory because the store is away. Never rejects for either. */
  add(item: OutboxItem): Promise<void> {
    const parsed = outboxItemSchema.safeParse(item);
    if (!parsed.success) {
      this.#options.log.error(
        { kind: item.kind, id: item.id, error: z.prettifyError(parsed.error) },
        'outbox item is invalid',
      );
      return Promise.resolve();
    }
    const lane = item.kind === 'metrics' || item.kind === 'log' ? 'metrics' : 'durable';
    return this.#exclusive(async () => {
      await this.#keep({ lane, json: JSON.stringify(this.#slim(item)) });
      this.#pending = true;
      // After a failure the back-off rules, however much comes in.
      if (this.#options.backoff.attempts === 0) this.#pause.abort();
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The control plane is known to be there: no reason to wait any longer. */
  kick(): void {
    this.#options.backoff.reset();
    this.#pause.abort();
  }

  /** One last attempt to bring memory into the store; what the store holds is sent after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    await this.#running;
    await this.#exclusive(() => this.#drainMemory());
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    // What an earlier process left counts as well.
    await this.#exclusive(() => this.#countStored()).catch((error: unknown) => this.#lost(error));
    while (!signal.aborted) {
      this.#pending = false;
      const wait = await this.flush();
      if (signal.aborted) return;
      if (wait === 0 && this.#pending) {
        await sleep(50, signal); // gathers what comes together
        continue;
      }
      this.#pause = new AbortController();
      await sleep(wait || 1000, this.#pause.signal);
    }
  }

  /** Sends all there is; returns the milliseconds to wait because of a failure, or 0. Public for tests. */
  async flush(): Promise<number> {
    try {
      await this.#exclusive(() => this.#drainMemory());
      while (!this.#stop.signal.aborted && (await this.#pushSome())) {
        // until both lanes are empty
      }
      this.#options.backoff.reset();
      this.#options.problems.clear('outbox');
      return 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      const { backoff, problems, log } = this.#options;
      const wait = backoff.next();
      const reason = describeError(error);
      if (backoff.attempts === 1 || backoff.attempts % 50 === 0)
        log.warn({ error: reason, depth: this.depth }, 'push failed; items wait');
      // A control plane that answers pulls and takes nothing would look well otherwise.
      if (backoff.attempts === PATIENCE)
        problems.set('outbox', `Events and figures wait here, the control plane does not take them: ${reason}`);
      return wait;
    }
  }

  /** One push; false when nothing is left. */
  async #pushSome(): Promise<boolean> {
    const { batchItems } = this.#limits;
    const { store } = this.#options;
    if (this.#storeDown) return this.#pushMemory();
    let batch: { lane: 'durable' | 'metrics'; items: string[] };
    try {
      batch = await this.#nextBatch(store, batchItems);
    } catch (error) {
      if (error instanceof SafaceError && error.code === 'integrity') throw error;
      this.#lost(error);
      return this.#pushMemory();
    }
    if (batch.items.length === 0) {
      this.#depths = { durable: 0, metrics: 0 };
      this.#storeEmpty = true;
      return false;
    }
    this.#sendingMetrics = batch.lane === 'metrics';
    try {
      const sent = await this.#sender.send(batch.items);
      await this.#exclusive(async () => {
        await store.drop(batch.lane, sent);
        this.#depths[batch.lane] = await store.depth(batch.lane);
        this.#storeEmpty = this.#depths.durable === 0;
      });
    } finally {
      this.#sendingMetrics = false;
    }
    return true;
  }

  /** Events, runs and versions first; but while they keep coming the metrics get every other turn, or dashboards would starve. */
  async #nextBatch(store: OutboxStore, count: number): Promise<{ lane: 'durable' | 'metrics'; items: string[] }> {
    const order = this.#lastLane === 'durable' ? (['metrics', 'durable'] as const) : (['durable', 'metrics'] as const);
    for (const lane of order) {
      const items = await store.peek(lane, count);
      if (items.length === 0) continue;
      this.#lastLane = lane;
      return { lane, items };
    }
    return { lane: 'metrics', items: [] };
  }

  async #pushMemory(): Promise<boolean> {
    if (!this.#storeEmpty || this.#memory.length === 0) return false;
    const batch = this.#memory.slice(0, this.#limits.batchItems);
    const sent = await this.#sender.send(batch.map((waiting) => waiting.json));
    const gone = new Set(batch.slice(0, sent));
    this.#memory = this.#memory.filter((waiting) => !gone.has(waiting));
    return true;
  }

  async #keep(waiting: Waiting): Promise<void> {
    if (this.#memory.length === 0 && !this.#storeDown) {
      try {
        await this.#options.store.append(waiting.lane, [waiting.json]);
        if (waiting.lane === 'metrics') {
          this.#depths.metrics += 1;
          await this.#trimMetrics();
        } else {
          this.#depths.durable += 1;
          this.#storeEmpty = false;
        }
        return;
      } catch (error) {
        this.#lost(error);
      }
    }
    this.#memory.push(waiting);
    if (this.#memory.length > this.#limits.memory) this.#forgetOldest();
  }

  /** Metrics go first; when there are none, memory is full of events and something has to give. */
  #forgetOldest(): void {
    const metrics = this.#memory.findIndex((waiting) => waiting.lane === 'metrics');
    this.#memory.splice(Math.max(0, metrics), 1);
    if (metrics < 0)
      this.#options.problems.set(
        'outbox-memory',
        `Redis has been away so long that more than ${this.#limits.memory} events wait in memory; the oldest are being lost — start the edge's Redis.`,
      );
  }

  async #drainMemory(): Promise<void> {
    const { store, problems, log } = this.#options;
    try {
      while (this.#memory.length > 0) {
        const lane = this.#memory[0]!.lane;
        const end = this.#memory.findIndex((waiting) => waiting.lane !== lane);
        const run = this.#memory.slice(0, Math.min(100, end < 0 ? this.#memory.length : end));
        await store.append(
          lane,
          run.map((waiting) => waiting.json),
        );
        this.#memory.splice(0, run.length);
      }
      if (this.#storeDown) await this.#countStored();
    } catch (error) {
      this.#lost(error);
      return;
    }
    if (this.#storeDown) {
      log.info('Redis is back');
      this.#storeDown = false;
    }
    problems.clear('redis');
    problems.clear('outbox-memory');
  }

  async #countStored(): Promise<void> {
    const { store } = this.#options;
    this.#depths = { durable: await store.depth('durable'), metrics: await store.depth('metrics') };
  }

  #lost(error: unknown): void {
    const { problems, log } = this.#options;
    if (!this.#storeDown)
      log.error({ error: describeError(error) }, 'Redis is away: recognition goes on, training waits');
    this.#storeDown = true;
    problems.set('redis', `The edge's Redis is away: recognition goes on, training waits (${describeError(error)})`);
  }

  /** Only between pushes, so that what is being sent is what will be dropped. */
  async #trimMetrics(): Promise<void> {
    const excess = this.#depths.metrics - this.#limits.metrics;
    if (excess <= 0 || this.#sendingMetrics) return;
    await this.#options.store.drop('metrics', excess);
    this.#depths.metrics -= excess;
  }

  #slim(item: OutboxItem): OutboxItem {
    if (item.kind !== 'event' || !this.crowded) return item;
    return { ...item, payload: { ...item.payload, cropJpeg: null } };
  }

  #exclusive<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#chain.then(action);
    this.#chain = result.catch(() => undefined);
    return result;
  }
}
