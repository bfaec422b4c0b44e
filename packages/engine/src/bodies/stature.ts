/** Bodies that are remembered, and how many must be before they tell anything. */
const MEMORY = 600;
const FEWEST = 100;
/** Those that stood about as near, by which a height is judged. */
const NEIGHBOURS = 20;
/** A body of this share of what is usual there is one: children, bags, raised arms. */
const USUAL = [0.6, 1.4] as const;

/**
 * How tall people stand at each height of a fixed camera's picture, learnt from what was found: who is farther away stands higher and is
 * smaller. Two people behind each other make one blob that is too tall for where it stands; half a body one that is too short.
 */
export class Stature {
  readonly #feet: number[] = [];
  readonly #heights: number[] = [];
  #next = 0;

  /** Whether a body with its feet in this row (pixels) may be so tall (pixels). Remembers it either way. */
  accepts(feet: number, height: number): boolean {
    const usual = this.#usual(feet);
    this.#feet[this.#next] = feet;
    this.#heights[this.#next] = height;
    this.#next = (this.#next + 1) % MEMORY;
    return usual === null || (height >= USUAL[0] * usual && height <= USUAL[1] * usual);
  }

  #usual(feet: number): number | null {
    if (this.#feet.length < FEWEST) return null;
    const near = this.#feet
      .map((row, i) => ({ away: Math.abs(row - feet), height: this.#heights[i]! }))
      .sort((a, b) => a.away - b.away)
      .slice(0, NEIGHBOURS)
      .map(({ height }) => height)
      .sort((a, b) => a - b);
    return near[near.length >> 1]!;
  }
}
