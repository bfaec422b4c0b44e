import type { RgbImage } from '@saface/core';
import { type Augmentation, augment, defaultAugmentation } from './augment.ts';

/** As a camera alters faces: more of them are small or out of focus than in pictures that a base model is trained on. */
const asCamerasDo: Augmentation = { ...defaultAugmentation, blur: 0.25, coarse: 0.35 };

/** An altered copy of a square crop, repeatable by `seed`. */
export function alterCrop(
  { width, data }: RgbImage,
  { seed, how = asCamerasDo }: { seed: number; how?: Augmentation },
): RgbImage {
  const altered = augment(data, width, { seed, how }).data;
  const bytes = new Uint8Array(altered.length);
  for (let i = 0; i < altered.length; i++) bytes[i] = Math.min(255, Math.max(0, altered[i]! + 0.5));
  return { width, height: width, data: bytes };
}
