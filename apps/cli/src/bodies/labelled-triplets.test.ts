import { createRandom } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { labelledTriplets } from './labelled-triplets.ts';

/** Six samples of three people on a circle, two a person, a person every `apart` degrees. */
const circle = (apart: number) => {
  const labels = [0, 0, 1, 1, 2, 2];
  const embeddings = Float32Array.from(
    labels.flatMap((label, i) => {
      const angle = ((label * apart + (i % 2) * 2) * Math.PI) / 180;
      return [Math.cos(angle), Math.sin(angle)];
    }),
  );
  return { labels, embeddings, dimension: 2 };
};

describe('labelledTriplets', () => {
  it('gives every sample a positive of its person and a negative of another', () => {
    const batch = circle(40);
    const triplets = labelledTriplets(batch, 1, createRandom(1));
    expect(triplets.map(({ anchor }) => anchor)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { anchor, positive, negative } of triplets) {
      expect(positive).not.toBe(anchor);
      expect(batch.labels[positive]).toBe(batch.labels[anchor]);
      expect(batch.labels[negative]).not.toBe(batch.labels[anchor]);
    }
  });

  it('takes the nearest stranger when only the hardest may be taken', () => {
    const [first] = labelledTriplets(circle(40), 0.01, createRandom(1));
    expect(first.negative).toBe(2);
  });

  it('makes none of a batch with one person', () => {
    const { embeddings, dimension } = circle(40);
    expect(labelledTriplets({ labels: [0, 0, 0, 0, 0, 0], embeddings, dimension }, 1, createRandom(1))).toEqual([]);
  });
});
