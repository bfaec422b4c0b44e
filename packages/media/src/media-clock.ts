/** A clock that goes back by more than this starts anew, as where recordings were put one behind the other; milliseconds. */
const RESTART = 1000;

/**
 * Times of a video's frames, from 0 and always rising, whatever its time stamps do: they begin anywhere, are missing, repeat, or start
 * anew in the middle. Who chooses frames by their times would otherwise wait for the old ones to come again.
 */
export class MediaClock {
  readonly #interval: number;
  #origin: number | null = null;
  #last = 0;

  /** @param interval milliseconds from one frame to the next where their time stamps do not say */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** @param stamp the next frame's, in milliseconds; null where it has none */
  next(stamp: number | null): number {
    if (this.#origin === null) {
      this.#origin = stamp ?? 0;
      return 0;
    }
    const following = this.#last + this.#interval;
    const time = stamp === null ? following : stamp - this.#origin;
    if (stamp !== null && time < this.#last - RESTART) this.#origin = stamp - following;
    this.#last = time > this.#last ? time : following;
    return this.#last;
  }
}
