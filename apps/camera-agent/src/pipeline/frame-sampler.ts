/**
 * Thins frames out to R_C frames a second: of the frames around each point of a regular grid, the nearest is taken.
 *
 * A frame is nearest when it lies within half a source frame of the grid point; so no frame is held back to see whether the
 * next one fits better, which would cost a live camera one frame of latency. After a gap the grid starts anew, so that a late
 * frame is not followed by a burst.
 */
export class FrameSampler {
  #interval: number;
  /** Grid point that waits for its frame; null before the first frame. */
  #due: number | null = null;
  #last: number | null = null;
  /** Smoothed distance of two source frames, milliseconds. */
  #period = 0;

  /** @param rate frames per second, > 0 */
  constructor(rate: number) {
    this.#interval = 1000 / rate;
  }

  set rate(rate: number) {
    this.#interval = 1000 / rate;
  }

  /** Forgets the grid, for a source that starts over. */
  reset(): void {
    this.#due = null;
    this.#last = null;
    this.#period = 0;
  }

  /** Whether the frame at `time` (milliseconds) is taken. Called once for every frame of the source, in order. */
  wants(time: number): boolean {
    if (this.#due === null || (this.#last !== null && time < this.#last)) {
      this.#due = time + this.#interval;
      this.#last = time;
      return true;
    }
    const step = time - this.#last!;
    this.#last = time;
    // A pause is not the source's frame distance; letting it in would take frames far too early afterwards.
    if (this.#period === 0) this.#period = step;
    else if (step < 4 * this.#period) this.#period += 0.2 * (step - this.#period);
    const early = Math.min(this.#period, this.#interval) / 2;
    if (time < this.#due - early) return false;
    this.#due = time - this.#due > this.#interval / 2 + early ? time + this.#interval : this.#due + this.#interval;
    return true;
  }
}
