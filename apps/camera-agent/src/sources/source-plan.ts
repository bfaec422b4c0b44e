import type { Frame } from '@saface/core';

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Asked once for every frame of the source, in order, with the time it would be yielded with. */
  readonly wants: (time: number) => boolean;
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

/** The wanted frames of a source that cannot leave the others out by itself. */
export async function* onlyWanted(
  frames: AsyncIterable<Frame>,
  wants: (time: number) => boolean,
): AsyncGenerator<Frame, void, void> {
  for await (const frame of frames) if (wants(frame.time)) yield frame;
}
