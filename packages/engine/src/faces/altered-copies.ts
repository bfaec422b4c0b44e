import type { RgbImage } from '@saface/core';
import { type Augmentation, augment, noAugmentation } from '../pretraining/augment.ts';
import { warpCrop } from '../pretraining/augment-warp.ts';

/** What another moment, another landmark net or another lens would have made of the same face; never what hides a part of it. */
const otherwise: Augmentation = {
  ...noAugmentation,
  shift: 0.03,
  scale: 0.05,
  rotation: 0.06,
  light: 0.2,
  blur: 0.5,
  coarse: 0.5,
};

const mirroredOnly = { mirror: true, shiftX: 0, shiftY: 0, scale: 1, rotation: 0 };

/** Kinds of copies that `alteredCopies` makes. */
export const ALTERED_COPIES = 3;

/**
 * Copies of an aligned crop that show the same face otherwise (docs/decisions/040): mirrored, otherwise seen (moved, turned, out of focus, in
 * other light), and both. Repeatable by `seed`; a crop is square.
 */
export function alteredCopies(crop: RgbImage, seed: number): RgbImage[] {
  const { width: size } = crop;
  const mirrored = imageOf(warpCrop(crop.data, size, mirroredOnly));
  const altered = ({ data }: RgbImage, own: number) => imageOf(augment(data, size, { seed: own, how: otherwise }));
  return [mirrored, altered(crop, 2 * seed), altered(mirrored, 2 * seed + 1)];
}

function imageOf({ size, data }: { readonly size: number; readonly data: Float32Array }): RgbImage {
  // Clamped arrays round as well.
  return { width: size, height: size, data: new Uint8Array(Uint8ClampedArray.from(data).buffer) };
}
