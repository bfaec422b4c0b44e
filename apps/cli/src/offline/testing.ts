import type { Extractor, RecogniserSpec } from '@saface/core';

const input: RecogniserSpec['input'] = { size: 16, channels: 'rgb', mean: [0, 0, 0], scale: [1, 1, 1] };
/** A recogniser of whole people: a picture shows one, and no landmark net is needed. */
export const bodies: RecogniserSpec = {
  name: 'bodies',
  input,
  alignment: { size: 16, crop: 'box' },
  dimension: 2,
  metric: 'euclidean',
  defaultCut: 'cut',
  defaultThreshold: 1,
};
export const extractor: Extractor = {
  input,
  featureShape: [1],
  extract: async (crops) => new Float32Array(crops.length),
  dispose: async () => {},
};
