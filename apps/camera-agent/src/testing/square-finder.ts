import { type Box, type Frame, Tracker } from '@saface/core';
import type { ProbeFinder } from '../pipeline/probe-finder.ts';

/** Finds the bright square of `movingSquare` as if it were a face. */
export function squareFinder(options: { cropSize?: number; delay?: () => Promise<void> } = {}): ProbeFinder & {
  readonly seen: number[];
} {
  const { cropSize = 4, delay } = options;
  const tracker = new Tracker();
  const seen: number[] = [];
  return {
    seen,
    async find(frame) {
      await delay?.();
      seen.push(frame.index);
      const box = brightBox(frame);
      const boxes = box ? [box] : [];
      const { trackIds, ended } = tracker.update(frame, boxes);
      return {
        endedTracks: ended,
        probes: boxes.map((found, i) => ({
          trackId: trackIds[i]!,
          box: found,
          score: 0.9,
          quality: 0.8,
          landmarks: Array.from({ length: 5 }, () => ({ x: found.x, y: found.y })),
          crop: { width: cropSize, height: cropSize, data: new Uint8Array(cropSize * cropSize * 3).fill(200) },
        })),
      };
    },
    reset: () => void tracker.reset(),
    dispose: async () => undefined,
  };
}

function brightBox({ width, height, data }: Frame): Box | null {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let i = 0; i < width * height; i++) {
    if (data[i * 3]! < 150) continue;
    left = Math.min(left, i % width);
    right = Math.max(right, i % width);
    top = Math.min(top, Math.floor(i / width));
    bottom = Math.max(bottom, Math.floor(i / width));
  }
  return right < left ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
