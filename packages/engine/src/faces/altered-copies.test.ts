import { describe, expect, it } from 'vitest';
import { noiseArray } from '../training/fixtures.ts';
import { ALTERED_COPIES, alteredCopies } from './altered-copies.ts';

const size = 24;
const crop = { width: size, height: size, data: Uint8Array.from(noiseArray(size * size * 3, 3), (v) => 128 + 100 * v) };

describe('alteredCopies', () => {
  it('mirrors exactly, and alters either side in its own way', () => {
    const copies = alteredCopies(crop, 5);
    expect(copies).toHaveLength(ALTERED_COPIES);
    const [mirrored, altered, both] = copies as [typeof crop, typeof crop, typeof crop];
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        for (let i = 0; i < 3; i++)
          expect(mirrored.data[(row * size + column) * 3 + i]).toBe(
            crop.data[(row * size + size - 1 - column) * 3 + i],
          );
    for (const copy of [altered, both]) {
      expect(copy.data).toHaveLength(crop.data.length);
      expect(copy.data).not.toEqual(crop.data);
      expect(copy.data).not.toEqual(mirrored.data);
    }
  });

  it('makes the same copies of the same seed, and others of another', () => {
    expect(alteredCopies(crop, 5)).toEqual(alteredCopies(crop, 5));
    expect(alteredCopies(crop, 6)[1]).not.toEqual(alteredCopies(crop, 5)[1]);
  });
});
