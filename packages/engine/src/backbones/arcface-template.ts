import type { Point } from '@saface/core';

/** Eye centres, nose tip and mouth corners, left to right as seen in the picture, in ArcFace's crop of 112 pixels. */
const arcFace112: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** The same face in a crop of `size` pixels. */
export function arcFaceTemplate(size: number): Point[] {
  return arcFace112.map(({ x, y }) => ({ x: (x * size) / 112, y: (y * size) / 112 }));
}
