/** How long something that went wrong once is told: a day, in which somebody looks at Fleet. */
const TOLD_MS = 24 * 3_600_000;

/**
 * What is wrong with this edge right now, for Fleet. A problem is set under a key while it lasts and cleared when it is over; the same
 * problem reported a thousand times is one line. What went wrong once and is over by itself is told for a day.
 */
export class Problems {
  readonly #problems = new Map<string, string>();
  /** When problems that nobody clears are no longer told, in monotonic milliseconds. */
  readonly #until = new Map<string, number>();
  readonly #onChange: (key: string, message: string | null) => void;
  readonly #now: () => number;

  constructor(
    onChange: (key: string, message: string | null) => void = () => {},
    now: () => number = () => performance.now(),
  ) {
    this.#onChange = onChange;
    this.#now = now;
  }

  set(key: string, message: string): void {
    this.#until.delete(key);
    const text = message.slice(0, 1000);
    if (this.#problems.get(key) === text) return;
    this.#problems.set(key, text);
    this.#onChange(key, text);
  }

  /** Of something that is over already. */
  happened(key: string, message: string): void {
    this.set(key, message);
    this.#until.set(key, this.#now() + TOLD_MS);
  }

  clear(key: string): void {
    this.#until.delete(key);
    if (this.#problems.delete(key)) this.#onChange(key, null);
  }

  /** Clears the problems of things of a kind that are gone; keys are `<kind>:<id>`. */
  retain(kind: string, ids: ReadonlySet<string>): void {
    for (const key of [...this.#problems.keys()])
      if (key.startsWith(`${kind}:`) && !ids.has(key.slice(kind.length + 1))) this.clear(key);
  }

  /** At most the 50 that the contract carries. */
  list(): string[] {
    for (const [key, until] of this.#until) if (this.#now() >= until) this.clear(key);
    return [...this.#problems.values()].slice(0, 50);
  }
}
