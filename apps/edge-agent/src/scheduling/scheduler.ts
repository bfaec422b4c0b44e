import { type BatchDecision, type SchedulingPolicy, trainingBatch } from '@saface/core';
import type { LoadMeter } from './load-meter.ts';

/** Measured rates of this edge, per second; null until measured. */
export interface Capacity {
  readonly probesPerSecond: number | null;
  readonly tripletsPerSecond: number | null;
}

export interface SchedulerState extends BatchDecision {
  /** N_E, probes per interval; null until measured. */
  readonly nE: number | null;
  /** B_max, triplets per interval; null until measured. */
  readonly bMax: number | null;
  readonly alpha: number;
  /** sum NP_i */
  readonly load: number;
  /** Scheduling intervals that one decision covers. */
  readonly intervals: number;
}

/** Most milliseconds that one decision covers where a small edge needs several intervals for a few triplets. */
const LONGEST_DECISION = 2000;
/** Triplets that a decision must have room for: fewer would leave nothing to scale down. */
const HANDFUL = 4;
/** While nobody is in view: a training call of four costs almost half as much as one of sixteen. */
export const IDLE_HANDFUL = 16;

/**
 * Context-aware scheduling (section 4.3): B_t of Eq. 2 from the probes of the last interval. Reads the policy at every call, so a changed
 * alpha counts from the next interval on.
 */
export class Scheduler {
  readonly #policy: () => SchedulingPolicy;
  readonly #load: LoadMeter;
  #capacity: Capacity = { probesPerSecond: null, tripletsPerSecond: null };

  constructor(policy: () => SchedulingPolicy, load: LoadMeter) {
    this.#policy = policy;
    this.#load = load;
  }

  get capacity(): Capacity {
    return this.#capacity;
  }

  calibrate(capacity: Partial<Capacity>): void {
    this.#capacity = { ...this.#capacity, ...capacity };
  }

  /** dt = 1 / R_C in milliseconds. */
  get interval(): number {
    return 1000 / this.#policy().rC;
  }

  /** Milliseconds that one decision covers. */
  get decisionInterval(): number {
    return this.interval * this.#intervals();
  }

  /** What training may do in the decision interval that begins now. */
  decide(): SchedulerState {
    const { alpha } = this.#policy();
    const { interval } = this;
    const perInterval = (rate: number | null) => (rate === null ? null : (rate * interval) / 1000);
    const nE = perInterval(this.#capacity.probesPerSecond);
    const bMax = perInterval(this.#capacity.tripletsPerSecond);
    const load = this.#load.perInterval(interval);
    const intervals = this.#intervals();
    return { ...trainingBatch({ nE, bMax, alpha, load, intervals }), nE, bMax, alpha, load, intervals };
  }

  /** As few as make room for a handful of triplets on an idle edge. */
  #intervals(): number {
    const rate = this.#capacity.tripletsPerSecond;
    if (rate === null || rate <= 0) return 1;
    const handful = this.#load.perInterval(this.interval) === 0 ? IDLE_HANDFUL : HANDFUL;
    const covering = (triplets: number) => Math.ceil(triplets / ((rate * this.interval) / 1000));
    // However slow the edge, a decision has room for one triplet: a run that is never granted any would never end.
    const most = Math.max(Math.floor(LONGEST_DECISION / this.interval), covering(1));
    return Math.max(1, Math.min(covering(handful), most));
  }
}
