import type { Frame } from '@saface/core';

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Asked once for every frame of the source, in order, with the time it would be yielded with. */
  readonly wants: (time: number) => boolean;
  /** Told in words, now and then, what a source does that needs long before its first frame. */
  readonly onNotice?: (notice: string) => void;
}

/** A configured source that can be opened, again and again. */
export interface SourcePlan {
  /** For people; without credentials. */
  readonly name: string;
  /** Live sources follow the world's clock and are opened again when they break off. */
  readonly live: boolean;
  /** Files only: start over at the end. */
  readonly loop: boolean;
  /** One run through the source; ends with it. Throws SafaceError. Frame times: media clock for files, wall clock for live. */
  open(options: OpenOptions): AsyncIterable<Frame>;
}
