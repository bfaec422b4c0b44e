import { type Box, type DetectedFace, iou } from '@saface/core';

/** The part of `box` inside a picture, or null when nothing is left. */
export function clipBox(box: Box, width: number, height: number): Box | null {
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const w = Math.min(width, box.x + box.width) - x;
  const h = Math.min(height, box.y + box.height) - y;
  return w > 0 && h > 0 ? { x, y, width: w, height: h } : null;
}

/** Greedy non-maximum suppression: of faces that overlap by more than `threshold` (IoU) the one with the best score stays. */
export function suppress(faces: readonly DetectedFace[], threshold: number): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => iou(other.box, face.box) <= threshold)) kept.push(face);
  }
  return kept;
}
