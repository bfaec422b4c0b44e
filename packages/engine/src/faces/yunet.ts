import type { DetectedFace } from '@saface/core';
import { type Canvas, type GridFamily, type GridOutput, gridStrides } from './grid-detector.ts';

/**
 * YuNet (Wu, Peng, Yu 2023): one face for each cell; score sqrt(class * object), box centre and landmarks relative to the
 * cell in strides, box sides as logarithms. Takes BGR 0..255.
 */
export const yunet: GridFamily = {
  name: 'yunet',
  channels: 'bgr',
  mean: 0,
  scale: 1,
  scoreThreshold: 0.5,
  decode(outputs, canvas, scoreThreshold) {
    return gridStrides.flatMap((stride) => decodeStride(outputs, canvas, { stride, scoreThreshold }));
  },
};

function decodeStride(
  outputs: readonly GridOutput[],
  canvas: Canvas,
  { stride, scoreThreshold }: { stride: number; scoreThreshold: number },
): DetectedFace[] {
  const part = (name: string) => outputs.find((output) => output.name === `${name}_${stride}`)!.data;
  const [classes, objects, boxes, points] = [part('cls'), part('obj'), part('bbox'), part('kps')];
  const columns = canvas.width / stride;
  const faces: DetectedFace[] = [];
  for (let cell = 0; cell < classes.length; cell++) {
    const score = Math.sqrt(clamp(classes[cell]!) * clamp(objects[cell]!));
    if (!(score > scoreThreshold)) continue;
    const column = cell % columns;
    const row = Math.floor(cell / columns);
    const width = Math.exp(boxes[cell * 4 + 2]!) * stride;
    const height = Math.exp(boxes[cell * 4 + 3]!) * stride;
    const x = (column + boxes[cell * 4]!) * stride - width / 2;
    const y = (row + boxes[cell * 4 + 1]!) * stride - height / 2;
    const landmarks = Array.from({ length: 5 }, (_, i) => ({
      x: (points[cell * 10 + 2 * i]! + column) * stride,
      y: (points[cell * 10 + 2 * i + 1]! + row) * stride,
    }));
    faces.push({ score, box: { x, y, width, height }, landmarks });
  }
  return faces;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
