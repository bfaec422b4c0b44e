import type { Box } from '@saface/core';

/** Side in pixels that the network was trained at; its anchors scale with it, not with the picture. */
const TRAINED_SIZE = 512;
const SCALES = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1] as const;
const FIRST_STRIDE = 16;

/** Anchors as [cx, cy, width, height] in canvas pixels, in the order of the network's outputs. */
export function ssdAnchors(width: number, height: number): Float32Array {
  const values: number[] = [];
  let columns = Math.ceil(width / FIRST_STRIDE);
  let rows = Math.ceil(height / FIRST_STRIDE);
  let stride = FIRST_STRIDE;
  for (let layer = 0; layer < SCALES.length - 1; layer++) {
    const shapes = anchorShapes(layer);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (const [w, h] of shapes) values.push((column + 0.5) * stride, (row + 0.5) * stride, w, h);
      }
    }
    columns = Math.ceil(columns / 2);
    rows = Math.ceil(rows / 2);
    stride *= 2;
  }
  return Float32Array.from(values);
}

/** Width and height in pixels of one cell's anchors. */
function anchorShapes(layer: number): [number, number][] {
  const shape = (scale: number, ratio: number): [number, number] => [
    TRAINED_SIZE * scale * Math.sqrt(ratio),
    (TRAINED_SIZE * scale) / Math.sqrt(ratio),
  ];
  const scale = SCALES[layer]!;
  if (layer === 0) return [shape(0.1, 1), shape(scale, 2), shape(scale, 0.5)];
  const between = Math.sqrt(scale * SCALES[layer + 1]!);
  return [shape(scale, 1), shape(between, 1), shape(scale, 2), shape(scale, 0.5), shape(scale, 3), shape(scale, 1 / 3)];
}

/** Turns the box code [ty, tx, th, tw] at `index` into a box of canvas pixels. */
export function decodeSsdBox(anchors: Float32Array, codes: Float32Array, index: number): Box {
  const at = index * 4;
  const anchorWidth = anchors[at + 2]!;
  const anchorHeight = anchors[at + 3]!;
  const cy = anchors[at + 1]! + (codes[at]! / 10) * anchorHeight;
  const cx = anchors[at]! + (codes[at + 1]! / 10) * anchorWidth;
  const height = Math.exp(codes[at + 2]! / 5) * anchorHeight;
  const width = Math.exp(codes[at + 3]! / 5) * anchorWidth;
  return { x: cx - width / 2, y: cy - height / 2, width, height };
}
