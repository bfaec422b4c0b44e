import type { Extractor, Learner } from '@saface/core';
import { expect, it } from 'vitest';
import { measureProbeRate } from './calibrate.ts';

it('takes every probe through extractor, learner and gallery', async () => {
  const seen = { crops: 0, features: 0, searches: 0 };
  const extractor = {
    input: { size: 2 },
    extract: async (crops: readonly unknown[]) => {
      seen.crops += crops.length;
      return new Float32Array(crops.length);
    },
  } as unknown as Extractor;
  const learner = {
    embed: async (features: Float32Array) => {
      seen.features += features.length;
      return new Float32Array(features.length * 3);
    },
  } as unknown as Learner;
  const gallery = {
    dimension: 3,
    search: (embedding: Float32Array) => {
      expect(embedding).toHaveLength(3);
      seen.searches += 1;
      return [];
    },
  };
  const rate = await measureProbeRate({ extractor, learner, gallery }, { batch: 5, rounds: 2 });
  expect(rate).toBeGreaterThan(0);
  // The first round warms up.
  expect(seen).toEqual({ crops: 15, features: 15, searches: 15 });
});
