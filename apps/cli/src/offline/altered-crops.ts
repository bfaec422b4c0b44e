import type { AlteredCopies, Extractor, RgbImage } from '@saface/core';
import { alterCrop } from '@saface/engine';

/** Crops per extractor call: large enough to use every core, small enough to stay in cache. */
const BATCH = 16;

/** Copies that are altered when training asks for them: no two are alike, and nothing of them is kept. */
export function alteredCopies(extractor: Extractor, cropOf: (row: number) => Promise<RgbImage>): AlteredCopies {
  const sampleSize = extractor.featureShape.reduce((a, b) => a * b, 1);
  return {
    async read(faces) {
      const features = new Float32Array(faces.length * sampleSize);
      for (let from = 0; from < faces.length; from += BATCH) {
        const copies: RgbImage[] = [];
        for (const { row, seed } of faces.slice(from, from + BATCH))
          copies.push(alterCrop(await cropOf(row), { seed }));
        features.set(await extractor.extract(copies), from * sampleSize);
      }
      return features;
    },
  };
}
