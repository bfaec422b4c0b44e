import { createRandom, type InputSpec, type Random } from '@saface/core';
import { addGrain, blurLine, blurSoft, coarsen, hide, type Picture, quantiseBlocks, relight } from './augment-steps.ts';
import { warpCrop } from './augment-warp.ts';

/** How strongly crops are varied. Probabilities are per picture; a size of 0 switches a variation off. */
export interface Augmentation {
  readonly mirror: boolean;
  /** Most shift, as a share of the crop's side. */
  readonly shift: number;
  /** Most change of size, as a share. */
  readonly scale: number;
  /** Most turn, radians. */
  readonly rotation: number;
  /** Most change of brightness, contrast and colour balance, as a share. */
  readonly light: number;
  readonly blur: number;
  /** Down- and up-sampling: small faces. */
  readonly coarse: number;
  readonly grain: number;
  /** Block artefacts as JPEG leaves them. */
  readonly blocks: number;
  readonly occlusion: number;
}

export const defaultAugmentation: Augmentation = {
  mirror: true,
  shift: 0.04,
  scale: 0.06,
  rotation: 0.09,
  light: 0.2,
  blur: 0.2,
  coarse: 0.2,
  grain: 0.3,
  blocks: 0.15,
  occlusion: 0.15,
};

export const noAugmentation: Augmentation = {
  mirror: false,
  shift: 0,
  scale: 0,
  rotation: 0,
  light: 0,
  blur: 0,
  coarse: 0,
  grain: 0,
  blocks: 0,
  occlusion: 0,
};

/** A varied copy of a crop (interleaved 8-bit RGB of `size` squared), repeatable by `seed`. */
export function augment(crop: Uint8Array, size: number, { seed, how }: { seed: number; how: Augmentation }): Picture {
  const random = createRandom(seed);
  const vary = (amount: number) => (random() - 0.5) * 2 * amount;
  const mirror = random() < 0.5 && how.mirror;
  let picture = warpCrop(crop, size, {
    mirror,
    shiftX: vary(how.shift) * size,
    shiftY: vary(how.shift) * size,
    scale: 1 + vary(how.scale),
    rotation: vary(how.rotation),
  });
  // Every variation draws its numbers whether it happens or not: switching one off leaves the others as they were.
  const happens = (chance: number, apply: (own: Random) => Picture) => {
    const own = createRandom(Math.floor(random() * 2 ** 32));
    if (random() < chance) picture = apply(own);
  };
  happens(how.coarse, (own) => coarsen(picture, 1.3 + 1.9 * own()));
  happens(how.blur, (own) => (own() < 0.5 ? blurSoft(picture) : blurLine(picture, own)));
  happens(how.light > 0 ? 1 : 0, (own) => relight(picture, own, how.light));
  happens(how.occlusion, (own) => hide(picture, own));
  happens(how.grain, (own) => addGrain(picture, own, 2 + 8 * own()));
  happens(how.blocks, (own) => quantiseBlocks(picture, 8 + 40 * own()));
  return picture;
}

/** Writes pictures as the network wants them: planar, in its channel order, (value - mean) * scale. */
export function packPictures(pictures: readonly Picture[], { size, channels, mean, scale }: InputSpec): Float32Array {
  const area = size * size;
  const packed = new Float32Array(pictures.length * 3 * area);
  pictures.forEach(({ data }, index) => {
    for (let channel = 0; channel < 3; channel++) {
      const source = channels === 'rgb' ? channel : 2 - channel;
      const to = (index * 3 + channel) * area;
      const [shift, factor] = [mean[channel]!, scale[channel]!];
      for (let pixel = 0; pixel < area; pixel++) {
        const value = data[pixel * 3 + source]!;
        packed[to + pixel] = (Math.min(Math.max(value, 0), 255) - shift) * factor;
      }
    }
  });
  return packed;
}
