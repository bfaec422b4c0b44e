import type { EdgeConfig, IssuedCommand } from '@saface/core';
import type { TrackOrigin } from '../recognition/event-writer.ts';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import type { TrackState } from '../recognition/track-book.ts';

/** Kept tracks and the triplets they make, and what keeping them takes; the metrics' own names. */
export interface ScenarioCounts {
  readonly tracks: number;
  readonly triplets: number;
  readonly cachedProbes: number;
  /** Features are kept as half floats. */
  readonly cachedBytes: number;
}

/** Learning as the rest of the edge sees it. None of it throws: recognition must not stumble over it. */
export interface LearningPort {
  configure(config: EdgeConfig): void;
  /** Keeps what training may need of the frame; copies what it keeps. */
  observe(frame: RecognisedFrame): void;
  tracksEnded(origin: TrackOrigin, tracks: readonly TrackState[]): void;
  streamEnded(origin: TrackOrigin): void;
  obey(command: IssuedCommand): Promise<void>;
  /** By scenario. */
  counts(): ReadonlyMap<string, ScenarioCounts>;
  /** Weight updates since the last call. */
  takeSteps(): number;
  stop(): Promise<void>;
}
