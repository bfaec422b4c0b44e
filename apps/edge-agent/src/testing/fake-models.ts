import type { Extractor, Learner } from '@saface/core';
import type { ModelLoader } from '../recognition/models.ts';
import { tinySpec } from './fixtures.ts';

/**
 * A model that can be worked out by hand: the one feature of a crop is its first pixel's value; a learner adds a constant (the first byte of
 * its file) to it, in each of four dimensions. Embeddings of different learners are therefore far apart, as with real versions.
 */
export class FakeModels implements ModelLoader {
  extractions: number[] = [];
  embeddings: { learner: number; features: number }[] = [];
  disposed: string[] = [];

  /** A base model's work is the first byte of its file. */
  async loadBase(recogniser: Uint8Array) {
    const extractor: Extractor = {
      input: tinySpec.input,
      featureShape: [1],
      extract: async (crops) => {
        this.extractions.push(crops.length);
        return Float32Array.from(crops, (crop) => crop.data[0]! / 100);
      },
      dispose: async () => {
        this.disposed.push('extractor');
      },
    };
    return { extractor, learner: Uint8Array.of(0), flops: recogniser[0] ?? 0, benchmark: async () => null };
  }

  async loadLearner(bytes: Uint8Array): Promise<Learner> {
    const shift = bytes[0]!;
    return {
      featureShape: [1],
      dimension: 4,
      embed: async (features) => {
        this.embeddings.push({ learner: shift, features: features.length });
        return Float32Array.from({ length: features.length * 4 }, (_, i) => features[i >> 2]! + shift);
      },
      dispose: async () => {
        this.disposed.push(`learner ${shift}`);
      },
    };
  }
}
