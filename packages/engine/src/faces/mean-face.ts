import type { Point } from '@saface/core';

/**
 * Five points of dlib's mean face on the unit square (its `get_face_chip_details`, mean of the 68-point shape): eye centres,
 * nose tip and mouth corners, from left to right as seen in the picture.
 */
const MEAN_FACE: readonly Point[] = [
  { x: 0.225492, y: 0.21599 },
  { x: 0.754761, y: 0.21599 },
  { x: 0.490127, y: 0.515625 },
  { x: 0.254149, y: 0.780233 },
  { x: 0.726104, y: 0.780233 },
];

/** The mean face in a crop of `size` pixels with a border of `padding` times the face on each side. */
export function meanFaceTemplate(size: number, padding: number): Point[] {
  return MEAN_FACE.map(({ x, y }) => ({
    x: ((x + padding) / (1 + 2 * padding)) * size,
    y: ((y + padding) / (1 + 2 * padding)) * size,
  }));
}
