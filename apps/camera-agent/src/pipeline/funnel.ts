import type { FrameMessage } from '@saface/core';

export type FunnelCounters = FrameMessage['counters'];

const empty = (): FunnelCounters => ({ framesRead: 0, framesDropped: 0, facesFound: 0, facesSent: 0 });

/** What became of frames and faces: a running total for metrics, and the part that the edge has not been told yet. */
export class Funnel {
  readonly total: FunnelCounters = empty();
  #untold: FunnelCounters = empty();

  add(counter: keyof FunnelCounters, amount = 1): void {
    this.total[counter] += amount;
    this.#untold[counter] += amount;
  }

  /** Whether anything was counted since `take`. */
  get hasNews(): boolean {
    return Object.values(this.#untold).some((count) => count > 0);
  }

  /** Counters since the last call. */
  take(): FunnelCounters {
    const counters = this.#untold;
    this.#untold = empty();
    return counters;
  }
}
