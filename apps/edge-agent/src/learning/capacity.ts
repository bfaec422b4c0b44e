import { join } from 'node:path';
import { Backoff, type Logger, writeFileSafely } from '@saface/agent-kit';
import { sha256Hex } from '@saface/agent-kit/hash';
import { describeError } from '@saface/core';
import type { EngineChoice } from '@saface/engine/engines/index';
import { z } from 'zod';
import type { Problems } from '../control/problems.ts';
import { readIfExists } from '../control/vault.ts';
import type { ServedBase } from '../recognition/templates.ts';
import { IDLE_HANDFUL, type Scheduler } from '../scheduling/scheduler.ts';
import type { StartTrainer, TrainerEnd, TrainerHandle } from './trainer-client.ts';
import type { StepCost } from './trainer-protocol.ts';

const storedSchema = z.record(z.string(), z.number().positive());

interface Known {
  /** Learner, engine, provider, threads, and how many triplets it was measured with. */
  readonly key: string;
  readonly baseModelId: string;
  /** Triplets per second. */
  readonly rate: number;
}

const PROBLEM = 'capacity';
/** A measurement takes seconds, and minutes on a machine that has no time for it. */
const LONGEST_MS = 5 * 60_000;

/** Steps whose cost is looked at together. */
const WINDOW = 15;

/**
 * B_max of this edge, as triplets per second, by learner, engine and thread count: measured by a trainer process before the first run,
 * during a run what training really costs, and after it what that was at its dearest. Kept on disk.
 */
export class TrainingCapacity {
  readonly #path: string;
  readonly #threads: number;
  readonly #engine: EngineChoice;
  readonly #scheduler: Scheduler;
  readonly #startTrainer: StartTrainer;
  readonly #log: Logger;
  readonly #problems: Pick<Problems, 'set' | 'clear'>;
  readonly #now: () => number;
  /** What could not be measured, and when it is tried again, in monotonic milliseconds. */
  #failed: { readonly key: string; readonly backoff: Backoff; until: number } | null = null;
  /** Of the heaviest base model served. */
  #known: Known | null = null;
  #recent: number[] = [];
  /** The slowest that the run under way was seen to be with this many threads: most triplets had a loss then. */
  #slowest: number | null = null;
  #running: TrainerHandle | null = null;

  constructor(parts: {
    dir: string;
    threads: number;
    engine: EngineChoice;
    scheduler: Scheduler;
    startTrainer: StartTrainer;
    log: Logger;
    problems: Pick<Problems, 'set' | 'clear'>;
    /** For tests. */
    now?: () => number;
  }) {
    this.#path = join(parts.dir, 'calibration.json');
    this.#threads = parts.threads;
    this.#engine = parts.engine;
    this.#scheduler = parts.scheduler;
    this.#startTrainer = parts.startTrainer;
    this.#log = parts.log;
    this.#problems = parts.problems;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Looks the base model up, or measures it. Cheap when there is nothing to do. */
  async ensure(base: ServedBase): Promise<void> {
    const { engine, provider } = this.#engine;
    const key = `${sha256Hex(base.learner).slice(0, 32)}/${engine}/${provider}/${this.#threads}/${IDLE_HANDFUL}`;
    if (this.#running) return;
    if (key === this.#known?.key) return this.#problems.clear(PROBLEM);
    const rate = (await this.#read())[key];
    if (rate !== undefined) this.#use({ key, baseModelId: base.config.id, rate });
    else if (this.#failed?.key !== key || this.#now() >= this.#failed.until) await this.#measure(base, key);
  }

  /** A training step took so long on an otherwise idle machine. */
  observe({ triplets, milliseconds, threads }: StepCost): void {
    // A single triplet pays the overhead of a whole step and says little of a batch.
    if (triplets < 2 || !(milliseconds > 0)) return;
    this.#recent = [...this.#recent, (triplets * 1000) / milliseconds].slice(-WINDOW);
    if (this.#recent.length < WINDOW) return;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const rate = sorted[Math.floor(0.75 * WINDOW)]!;
    if (threads === this.#threads) this.#slowest = Math.min(rate, this.#slowest ?? rate);
    this.#scheduler.calibrate({ tripletsPerSecond: rate });
  }

  /** The next run begins with what this one has shown, unless that was of another learner or with other threads. */
  async endRun(baseModelId: string): Promise<void> {
    const known = this.#known;
    const shown = known?.baseModelId === baseModelId ? this.#slowest : null;
    this.#recent = [];
    this.#slowest = null;
    if (!known) return;
    this.#use({ ...known, rate: shown ?? known.rate });
    if (shown !== null) await this.#store(known.key, shown);
  }

  stop(): void {
    this.#running?.stop();
  }

  async #measure(base: ServedBase, key: string): Promise<void> {
    let rate: number | null = null;
    const { metric } = base.config.recogniser;
    const order = {
      kind: 'calibrate' as const,
      learner: new Uint8Array(base.learner),
      engine: this.#engine,
      threads: this.#threads,
      metric,
    };
    this.#running = this.#startTrainer(order, (note) => {
      if (note.kind === 'step-cost') rate = (note.triplets * 1000) / note.milliseconds;
    });
    const running = this.#running;
    // One that hangs would keep all planning waiting.
    const deadline = setTimeout(() => running.stop(), LONGEST_MS);
    const end = await running.ended;
    clearTimeout(deadline);
    this.#running = null;
    if (rate === null) {
      if (this.#failed?.key !== key)
        this.#failed = { key, backoff: new Backoff({ first: 2000, longest: 300_000 }), until: 0 };
      this.#failed.until = this.#now() + this.#failed.backoff.next();
      this.#log.warn({ end }, 'B_max could not be measured');
      const meanwhile = this.#known ? 'Training goes by what another model costs' : 'Nothing is trained';
      this.#problems.set(
        PROBLEM,
        `${meanwhile}: what it costs on this machine could not be measured (${howItEnded(end)}). Recognition goes on; it is tried again, less and less often.`,
      );
      return;
    }
    this.#use({ key, baseModelId: base.config.id, rate });
    this.#log.info({ tripletsPerSecond: rate }, 'measured B_max');
    await this.#store(key, rate);
  }

  async #store(key: string, rate: number): Promise<void> {
    await writeFileSafely(this.#path, JSON.stringify({ ...(await this.#read()), [key]: rate }));
  }

  #use(known: Known): void {
    this.#known = known;
    this.#failed = null;
    this.#problems.clear(PROBLEM);
    this.#scheduler.calibrate({ tripletsPerSecond: known.rate });
  }

  async #read(): Promise<z.infer<typeof storedSchema>> {
    try {
      const bytes = await readIfExists(this.#path);
      return bytes ? storedSchema.parse(JSON.parse(bytes.toString('utf8'))) : {};
    } catch (error) {
      this.#log.warn({ error: describeError(error) }, 'the stored calibration is unreadable; measuring again');
      return {};
    }
  }
}

const howItEnded = (end: TrainerEnd): string => {
  if (end.kind === 'killed') return `the trainer process ended: ${end.how}`;
  return 'message' in end ? end.message : `the trainer process was ${end.kind}`;
};
