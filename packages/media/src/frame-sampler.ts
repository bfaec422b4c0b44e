/** Thins a stream of frame times out to a rate, without drift: which frames are kept depends on their times alone. */
export class FrameSampler {
  readonly #interval: number;
  #due = Number.NEGATIVE_INFINITY;

  /** `fps` frames a second are kept at most; null keeps every frame. */
  constructor(fps: number | null) {
    this.#interval = fps === null || !(fps > 0) ? 0 : 1000 / fps;
  }

  /** Whether the frame at `time` (milliseconds, rising) is kept. */
  wants(time: number): boolean {
    if (this.#interval === 0) return true;
    const slack = 1e-3 * this.#interval; // rounding of container time stamps
    if (time < this.#due - slack) return false;
    // After a gap the grid starts anew, so that a late frame is not followed by a burst.
    const onGrid = this.#due + this.#interval;
    this.#due = time - this.#due > this.#interval ? time + this.#interval : onGrid;
    return true;
  }
}
