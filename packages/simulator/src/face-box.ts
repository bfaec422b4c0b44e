import type { Box } from '@saface/core';
import type { HeadShape } from './head-shape.ts';
import { type HeadPlacement, type HeadPose, viewToHead } from './render.ts';

/** The box a face detector would draw: from the hairline to the chin, from one side of the visible face to the other. */
export function faceBox(shape: HeadShape, pose: HeadPose, place: HeadPlacement): Box {
  const m = viewToHead(pose);
  const chin = shape.chinY - 0.16;
  const side = shape.skullW * 0.94;
  const points = [
    [0, chin + 0.1, shape.chinZ + 0.06],
    [0, 0.8, 0.45],
    [side, 0.02, 0.12],
    [-side, 0.02, 0.12],
    [side * 0.8, -0.45, 0.12],
    [-side * 0.8, -0.45, 0.12],
    [0, shape.noseTipY, shape.noseZ - 0.02],
    [0.3, 0.3, 0.6],
    [-0.3, 0.3, 0.6],
  ] as const;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const [hx, hy, hz] of points) {
    // The matrix is orthogonal: its columns dotted with a head vector give the view vector.
    const axis = (at: number) => (m[at] ?? 0) * hx + (m[at + 1] ?? 0) * hy + (m[at + 2] ?? 0) * hz;
    const zoom = place.scale / (1 - axis(6) / place.distance);
    const x = place.x + axis(0) * zoom;
    const y = place.y - axis(3) * zoom;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
