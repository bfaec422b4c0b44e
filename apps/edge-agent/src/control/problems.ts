/**
 * What is wrong with this edge right now, for Fleet. A problem is set under a key while it lasts and cleared when it is over; the same
 * problem reported a thousand times is one line.
 */
export class Problems {
  readonly #problems = new Map<string, string>();
  readonly #onChange: (key: string, message: string | null) => void;

  constructor(onChange: (key: string, message: string | null) => void = () => {}) {
    this.#onChange = onChange;
  }

  set(key: string, message: string): void {
    const text = message.slice(0, 1000);
    if (this.#problems.get(key) === text) return;
    this.#problems.set(key, text);
    this.#onChange(key, text);
  }

  clear(key: string): void {
    if (this.#problems.delete(key)) this.#onChange(key, null);
  }

  /** Clears the problems of things of a kind that are gone; keys are `<kind>:<id>`. */
  retain(kind: string, ids: ReadonlySet<string>): void {
    for (const key of [...this.#problems.keys()])
      if (key.startsWith(`${kind}:`) && !ids.has(key.slice(kind.length + 1))) this.clear(key);
  }

  /** At most the 50 that the contract carries. */
  list(): string[] {
    return [...this.#problems.values()].slice(0, 50);
  }
}
