import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noiseArray } from '../training/fixtures.ts';
import { type Augmentation, augment, defaultAugmentation, noAugmentation, packPictures } from './augment.ts';

const size = 24;
const crop = Uint8Array.from(noiseArray(size * size * 3, 3), (value) => 128 + 100 * value);
const strong: Augmentation = { ...defaultAugmentation, blur: 1, coarse: 1, grain: 1, blocks: 1, occlusion: 1 };

describe('augmentation', () => {
  it('changes nothing when all of it is off', () => {
    const { data } = augment(crop, size, { seed: 9, how: noAugmentation });
    for (let at = 0; at < crop.length; at++) expect(data[at]).toBeCloseTo(crop[at]!, 3);
  });

  it('mirrors half of the pictures, each exactly', () => {
    const how = { ...noAugmentation, mirror: true };
    const mirrored = Array.from({ length: 40 }, (_, seed) => augment(crop, size, { seed, how }).data).filter(
      (data) => Math.abs(data[0]! - crop[0]!) > 1e-3,
    );
    expect(mirrored.length).toBeGreaterThan(10);
    expect(mirrored.length).toBeLessThan(30);
    for (const data of mirrored) expect(data[0]).toBeCloseTo(crop[(size - 1) * 3]!, 3);
  });

  it('is the same for the same seed, and never makes a number that is none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const once = augment(crop, size, { seed, how: strong });
        expect(once.data.every(Number.isFinite)).toBe(true);
        expect(augment(crop, size, { seed, how: strong })).toEqual(once);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps a plain picture plain, whatever happens to its shape', () => {
    const plain = new Uint8Array(size * size * 3).fill(90);
    const how = { ...strong, light: 0, occlusion: 0, grain: 0, blocks: 0 };
    for (let seed = 0; seed < 20; seed++)
      for (const value of augment(plain, size, { seed, how }).data) expect(value).toBeCloseTo(90, 2);
  });

  it('gives the network its channel order, mean and scale, within the range of pixels', () => {
    const data = Float32Array.of(-20, 100, 300, 0, 127.5, 255, 0, 0, 0, 0, 0, 0);
    const packed = packPictures([{ size: 2, data }], {
      size: 2,
      channels: 'bgr',
      mean: [127.5, 127.5, 127.5],
      scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
    });
    expect([packed[0], packed[1]]).toEqual([1, 1]);
    expect(packed[4]).toBeCloseTo(-27.5 / 127.5, 5);
    expect([packed[8], packed[9]]).toEqual([-1, -1]);
  });
});
