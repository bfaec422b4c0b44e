import type { EdgeConfig, IssuedCommand } from '@saface/core';
import type { TrackOrigin } from '../recognition/event-writer.ts';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import type { TrackState } from '../recognition/track-book.ts';

/** Learning as the rest of the edge sees it. None of it throws: recognition must not stumble over it. */
export interface LearningPort {
  configure(config: EdgeConfig): void;
  /** Keeps what training may need of the frame; copies what it keeps. */
  observe(frame: RecognisedFrame): void;
  tracksEnded(origin: TrackOrigin, tracks: readonly TrackState[]): void;
  streamEnded(origin: TrackOrigin): void;
  obey(command: IssuedCommand): Promise<void>;
  /** By scenario: kept tracks and the triplets they make. */
  counts(): ReadonlyMap<string, { readonly tracks: number; readonly triplets: number }>;
  /** Weight updates since the last call. */
  takeSteps(): number;
  stop(): Promise<void>;
}
