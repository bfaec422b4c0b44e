import type { DetectedFace, FaceDetector, RgbImage } from '@saface/core';
import { clipBox } from './boxes.ts';
import { resample } from './resize.ts';

/** Border around a picture, as a share of its longer side, in the order tried. */
const BORDERS = [0.75, 0.25] as const;

/**
 * Faces of a still picture. Portraits are often cut so tightly that a detector trained on scenes sees no face;
 * then the picture is shown to it again with a black border around it.
 */
export async function detectInStill(detector: FaceDetector, image: RgbImage): Promise<DetectedFace[]> {
  const faces = await detector.detect(image);
  if (faces.length > 0) return faces;
  for (const share of BORDERS) {
    const border = Math.round(share * Math.max(image.width, image.height));
    const framed = await detector.detect(withBorder(image, border));
    const inside = framed.flatMap((face) => {
      const { box, landmarks } = face;
      const clipped = clipBox({ ...box, x: box.x - border, y: box.y - border }, image.width, image.height);
      const shifted = landmarks && { landmarks: landmarks.map(({ x, y }) => ({ x: x - border, y: y - border })) };
      return clipped ? [{ ...face, ...shifted, box: clipped }] : [];
    });
    if (inside.length > 0) return inside;
  }
  return [];
}

/** `border` black pixels on each side. */
function withBorder(image: RgbImage, border: number): RgbImage {
  return resample(image, {
    width: image.width + 2 * border,
    height: image.height + 2 * border,
    step: 1,
    originX: -border,
    originY: -border,
  });
}
