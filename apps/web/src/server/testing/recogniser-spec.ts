import type { RecogniserSpec } from '@saface/core';

export const testRecogniser: RecogniserSpec = {
  name: 'test recogniser',
  input: { size: 112, channels: 'rgb', mean: [0, 0, 0], scale: [1, 1, 1] },
  alignment: {
    size: 112,
    template: [
      { x: 38, y: 52 },
      { x: 74, y: 52 },
      { x: 56, y: 72 },
      { x: 42, y: 92 },
      { x: 71, y: 92 },
    ],
  },
  dimension: 128,
  metric: 'euclidean',
  defaultCut: 'cut',
  defaultThreshold: 0.6,
};
