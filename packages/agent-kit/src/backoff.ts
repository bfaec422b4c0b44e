import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** First wait, milliseconds. Default 500. */
  readonly first?: number;
  /** Longest wait, milliseconds. Default 30 000. */
  readonly longest?: number;
  /** 0..1 random; for tests. */
  readonly random?: () => number;
}

/** Exponential back-off with jitter: each wait is drawn from the upper half of a window that doubles. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #attempt = 0;

  constructor(options: BackoffOptions = {}) {
    this.#first = options.first ?? 500;
    this.#longest = options.longest ?? 30_000;
    this.#random = options.random ?? Math.random;
  }

  /** Failures in a row so far. */
  get attempts(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const window = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return window * (0.5 + 0.5 * this.#random());
  }

  reset(): void {
    this.#attempt = 0;
  }
}

export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** Resolves after the time or as soon as the signal aborts; never rejects, so that loops look at the signal themselves. */
export const sleep: Sleep = async (milliseconds, signal) => {
  await delay(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
};
