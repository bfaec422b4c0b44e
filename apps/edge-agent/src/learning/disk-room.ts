import type { Problems } from '../control/problems.ts';

/** Milliseconds until training tries again whether the disk has room: a person has to make it. */
const WAIT = 60_000;
const PROBLEM = 'training-disk';

/** Whether training may try to write, after the disk had no room for what it made. */
export class DiskRoom {
  readonly #problems: Pick<Problems, 'set' | 'clear'>;
  readonly #now: () => number;
  #until = Number.NEGATIVE_INFINITY;

  constructor(problems: Pick<Problems, 'set' | 'clear'>, now: () => number = () => performance.now()) {
    this.#problems = problems;
    this.#now = now;
  }

  get isShort(): boolean {
    return this.#now() < this.#until;
  }

  /** @param why names the file and the remedy */
  ranOut(why: string): void {
    this.#until = this.#now() + WAIT;
    this.#problems.set(PROBLEM, `Training waits for room on the disk, nothing of it is lost: ${why}`);
  }

  /** Something was written again. */
  wrote(): void {
    this.#problems.clear(PROBLEM);
  }
}
