import {
  type AlignmentSpec,
  type FaceDetector,
  type FaceLandmarker,
  type Frame,
  type LandmarkedFace,
  type ProbeMeta,
  type RgbImage,
  ShotChangeDetector,
  Tracker,
  type TrackerOptions,
} from '@saface/core';
import { alignProbe } from './alignment.ts';
import { markFaces } from './mark-faces.ts';
import { assessFace, cameraLimits, type QualityLimits, type QualityReason } from './quality.ts';

export interface FacePipelineOptions {
  readonly detector: FaceDetector;
  readonly landmarker: FaceLandmarker;
  readonly alignment: AlignmentSpec;
  readonly tracker?: TrackerOptions;
  /** Id of the first track. */
  readonly firstTrackId?: number;
  readonly limits?: QualityLimits;
}

/** One probe p of the paper (section 2) and why it may be poor. */
export interface Probe extends ProbeMeta {
  /** Aligned, `alignment.size` square. */
  readonly crop: RgbImage;
  readonly reasons: readonly QualityReason[];
}

export interface PipelineResult {
  readonly faces: readonly LandmarkedFace[];
  /** One per face, in the same order. */
  readonly probes: readonly Probe[];
  /** Tracks that ended with this frame. */
  readonly endedTracks: readonly number[];
  /** Milliseconds each stage took. */
  readonly timings: { readonly detect: number; readonly landmark: number; readonly align: number };
}

/** What runs on the camera (Fig. 3, step B): {p_i} = FA(FD(I_t)), linked over frames by tracking. One per camera. */
export class FacePipeline {
  readonly #options: FacePipelineOptions;
  readonly #tracker: Tracker;
  readonly #shots = new ShotChangeDetector();

  constructor(options: FacePipelineOptions) {
    this.#options = options;
    this.#tracker = new Tracker(options.tracker, options.firstTrackId);
  }

  /** Frames must come in rising order of `index`; call `reset` when a source starts over. */
  async process(frame: Frame): Promise<PipelineResult> {
    const { detector, landmarker, alignment, limits = cameraLimits } = this.#options;
    const start = performance.now();
    const detected = await detector.detect(frame);
    const found = performance.now();
    const faces = await markFaces(frame, detected, landmarker);
    const marked = performance.now();
    // Overlapping boxes across a cut are different people.
    const cutOff = this.#shots.isNewShot(frame) ? this.#tracker.reset() : [];
    const { trackIds, ended } = this.#tracker.update(
      frame,
      faces.map(({ box }) => box),
    );
    const probes = faces.map((face, i): Probe => {
      const crop = alignProbe(frame, face, alignment);
      const { quality, reasons } = assessFace(face, crop, limits);
      return {
        trackId: trackIds[i]!,
        box: face.box,
        landmarks: [...face.landmarks],
        score: face.score,
        quality,
        crop,
        reasons,
      };
    });
    const timings = { detect: found - start, landmark: marked - found, align: performance.now() - marked };
    return { faces, probes, endedTracks: [...cutOff, ...ended], timings };
  }

  /** Ends every track, for a source that stopped or starts over; their ids. */
  reset(): number[] {
    return this.#tracker.reset();
  }
}
