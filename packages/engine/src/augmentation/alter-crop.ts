import type { RgbImage } from '@saface/core';
import { type Augmentation, augment, defaultAugmentation } from './augment.ts';

/** An altered copy of a square crop, repeatable by `seed`. */
export function alterCrop(
  { width, data }: RgbImage,
  { seed, how = defaultAugmentation }: { seed: number; how?: Augmentation },
): RgbImage {
  const altered = augment(data, width, { seed, how }).data;
  return { width, height: width, data: Uint8Array.from(altered, (value) => Math.min(255, Math.max(0, value + 0.5))) };
}
