/** Of the intervals that a policy may have, milliseconds: what one call does not count may be another's. */
const LONGEST = 5000;

/**
 * sum NP_i of Eq. 2: probes of all cameras per scheduling interval. A frame may come a little early or late, so the figure is the mean
 * over a short window rather than the count of one interval.
 */
export class LoadMeter {
  readonly #window: number;
  readonly #now: () => number;
  #arrivals: { time: number; probes: number }[] = [];
  readonly #start: number;

  /** @param window milliseconds, default 1000 */
  constructor(window = 1000, now: () => number = () => performance.now()) {
    this.#window = window;
    this.#now = now;
    this.#start = now();
  }

  add(probes: number): void {
    if (probes > 0) this.#arrivals.push({ time: this.#now(), probes });
  }

  /** Probes per interval of `interval` milliseconds. */
  perInterval(interval: number): number {
    const now = this.#now();
    // Of an interval longer than the window a part would be seen only, and with cameras that sample together mostly the empty one.
    const window = Math.max(this.#window, interval);
    this.#arrivals = this.#arrivals.filter(({ time }) => now - time < Math.max(window, LONGEST));
    const recent = this.#arrivals.filter(({ time }) => now - time < window);
    const span = Math.max(interval, Math.min(window, now - this.#start));
    return (recent.reduce((sum, { probes }) => sum + probes, 0) * interval) / span;
  }
}
