import { type DetectedFace, SafaceError } from '@saface/core';
import { type Canvas, type GridFamily, type GridOutput, gridStrides } from './grid-detector.ts';

/**
 * SCRFD (Guo, Deng, Lattas, Zafeiriou 2021): two faces for each cell; score, distances from the cell's corner to the box's four
 * sides and to the landmarks, in strides. Outputs in order: three of scores, three of boxes, three of landmarks.
 * Takes RGB (value - 127.5) / 128.
 */
export const scrfd: GridFamily = {
  name: 'scrfd',
  channels: 'rgb',
  mean: 127.5,
  scale: 1 / 128,
  scoreThreshold: 0.4,
  decode(outputs, canvas, scoreThreshold) {
    return gridStrides.flatMap((stride, level) => {
      const [scores, boxes, points] = [outputs[level]!, outputs[level + 3]!, outputs[level + 6]!];
      return decodeStride({ scores, boxes, points }, canvas, { stride, scoreThreshold });
    });
  },
};

function decodeStride(
  { scores, boxes, points }: { scores: GridOutput; boxes: GridOutput; points: GridOutput },
  canvas: Canvas,
  { stride, scoreThreshold }: { stride: number; scoreThreshold: number },
): DetectedFace[] {
  const columns = canvas.width / stride;
  const perCell = scores.data.length / (columns * (canvas.height / stride));
  if (!Number.isInteger(perCell) || perCell < 1) {
    throw new SafaceError(
      'unsupported',
      `The detector's output "${scores.name}" has ${scores.data.length} scores for ${columns}x${canvas.height / stride} cells`,
      'Export SCRFD with strides 8, 16 and 32.',
    );
  }
  const faces: DetectedFace[] = [];
  for (let anchor = 0; anchor < scores.data.length; anchor++) {
    const score = scores.data[anchor]!;
    if (!(score > scoreThreshold)) continue;
    const cell = Math.floor(anchor / perCell);
    const x = (cell % columns) * stride;
    const y = Math.floor(cell / columns) * stride;
    const [left, top, right, bottom] = boxes.data.subarray(anchor * 4, anchor * 4 + 4) as unknown as Quad;
    const landmarks = Array.from({ length: 5 }, (_, i) => ({
      x: x + points.data[anchor * 10 + 2 * i]! * stride,
      y: y + points.data[anchor * 10 + 2 * i + 1]! * stride,
    }));
    const box = {
      x: x - left * stride,
      y: y - top * stride,
      width: (left + right) * stride,
      height: (top + bottom) * stride,
    };
    faces.push({ score, box, landmarks });
  }
  return faces;
}

type Quad = [number, number, number, number];
