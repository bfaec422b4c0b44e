import type { DetectedFace, FaceDetector, RgbImage } from '@saface/core';
import { Background, halved } from './background.ts';
import { findBlobs, joinedUpright, smoothed } from './blobs.ts';
import { Stature } from './stature.ts';

export interface MotionDetectorOptions {
  /** Least height of a body in picture pixels. Default 40. */
  readonly minHeight?: number;
  /** Width of a walking body as a share of its height, least and most; wider are two people side by side. */
  readonly proportions?: readonly [number, number];
}

/** Gap between two parts of one body, as a share of the whole. */
const GAP = 0.14;
/** Share of the box that must have changed. */
const FILLED = 0.25;

/**
 * Finds people before a fixed camera as what stands out from the background (section 4.1's FD for a scene without a person
 * network). It sees whoever moves, at any angle and in any clothes, and it fails as such detectors do: people who overlap
 * are one blob, which is left out when it is too wide for one body; those who stand still for a minute fade into the background.
 *
 * Keeps the background between calls: one detector a camera, frames in their order.
 */
export class MotionDetector implements FaceDetector {
  readonly name = 'motion';
  readonly #background = new Background();
  readonly #stature = new Stature();
  readonly #minHeight: number;
  readonly #proportions: readonly [number, number];

  constructor(options: MotionDetectorOptions = {}) {
    this.#minHeight = options.minHeight ?? 40;
    this.#proportions = options.proportions ?? [0.14, 0.75];
  }

  async detect(image: RgbImage): Promise<DetectedFace[]> {
    const small = halved(image);
    const { width, height } = small;
    const mask = smoothed({ width, height, data: this.#background.changed(small) });
    const least = Math.round((0.02 * this.#minHeight * this.#minHeight) / 4);
    const [narrowest, widest] = this.#proportions;
    return joinedUpright(findBlobs(mask, least), GAP).flatMap(({ left, top, right, bottom, pixels }) => {
      const box = { x: 2 * left, y: 2 * top, width: 2 * (right - left), height: 2 * (bottom - top) };
      const filled = (4 * pixels) / (box.width * box.height);
      const proportion = box.width / box.height;
      const plausible = proportion >= narrowest && proportion <= widest && filled >= FILLED;
      const body = box.height >= this.#minHeight && plausible && this.#stature.accepts(box.y + box.height, box.height);
      return body ? [{ box, score: Math.min(1, 0.4 + 0.6 * filled) }] : [];
    });
  }

  async dispose(): Promise<void> {}
}
