import type { AlignmentSpec, Frame, ProbeMeta, RgbImage, TrackerOptions } from '@saface/core';

export interface FoundProbe extends ProbeMeta {
  /** Aligned, of the alignment's size, square. */
  readonly crop: RgbImage;
}

export interface FoundProbes {
  readonly probes: readonly FoundProbe[];
  /** Tracks that ended with this frame. */
  readonly endedTracks: readonly number[];
}

/**
 * What the pipeline asks of detection, alignment and tracking (step B of the paper's Fig. 3): `{p_i} = FA(FD(I_t))` with track ids
 * that are unique for the life of the finder.
 */
export interface ProbeFinder {
  /** Frames come one at a time and in rising order of `index` until `reset`. */
  find(frame: Frame): Promise<FoundProbes>;
  /** Ends every track: the source starts over. */
  reset(): void;
  /** A `find` in progress comes to its end first. */
  dispose(): Promise<void>;
}

export interface ProbeFinderSettings {
  /** Paths of the ONNX files. */
  readonly detector: string;
  readonly landmarks: string;
  readonly minFaceSize: number;
  readonly detectorThreshold: number;
  readonly alignment: AlignmentSpec;
  readonly tracker: TrackerOptions;
  readonly threads: number;
}
