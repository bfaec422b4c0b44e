import { describe, expect, it } from 'vitest';
import { noiseArray } from '../training/fixtures.ts';
import { alterCrop } from './alter-crop.ts';
import { noAugmentation } from './augment.ts';

const crop = { width: 20, height: 20, data: Uint8Array.from(noiseArray(20 * 20 * 3, 5), (value) => 128 + 120 * value) };

describe('an altered copy of a crop', () => {
  it('is the crop where nothing is altered', () => {
    expect(alterCrop(crop, { seed: 1, how: noAugmentation })).toEqual(crop);
  });

  it('is another picture of the same size, the same for the same seed', () => {
    const copy = alterCrop(crop, { seed: 1 });
    expect(copy).toMatchObject({ width: 20, height: 20 });
    expect(copy.data).toHaveLength(crop.data.length);
    expect(copy.data).not.toEqual(crop.data);
    expect(alterCrop(crop, { seed: 1 })).toEqual(copy);
    expect(alterCrop(crop, { seed: 2 })).not.toEqual(copy);
  });

  it('saturates instead of wrapping around', () => {
    const white = { ...crop, data: new Uint8Array(crop.data.length).fill(255) };
    const how = { ...noAugmentation, grain: 1 };
    expect(Math.min(...alterCrop(white, { seed: 3, how }).data)).toBeGreaterThan(200);
  });
});
