import { sleep } from '@saface/agent-kit';

export interface PacerOptions {
  /** B_t now. */
  readonly decide: () => number;
  /** Milliseconds that one decision covers. */
  readonly interval: () => number;
  /** Training must rest for a moment: no Redis. */
  readonly resting: () => boolean;
}

/**
 * Hands out B_t (Eq. 2), one grant per interval: a trainer that is faster than expected waits for the next interval, one that is slower
 * gets its next grant at once.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #due = 0;
  /** The newest grant, for the loss points. */
  last = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  async next(signal: AbortSignal): Promise<number> {
    await sleep(Math.max(0, this.#due - performance.now()), signal);
    this.#due = performance.now() + this.#options.interval();
    if (signal.aborted || this.#options.resting()) return 0;
    this.last = this.#options.decide();
    return this.last;
  }
}
