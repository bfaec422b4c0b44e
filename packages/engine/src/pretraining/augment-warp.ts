import type { Picture } from './augment-steps.ts';

export interface CropWarp {
  readonly mirror: boolean;
  /** Pixels. */
  readonly shiftX: number;
  readonly shiftY: number;
  readonly scale: number;
  /** Radians. */
  readonly rotation: number;
}

/** Mirrors, turns, sizes and shifts a crop about its centre, bilinearly; beyond its edge its edge goes on. */
export function warpCrop(crop: Uint8Array, size: number, warp: CropWarp): Picture {
  const { mirror, shiftX, shiftY, scale, rotation } = warp;
  const cos = Math.cos(rotation) / scale;
  const sin = Math.sin(rotation) / scale;
  const middle = (size - 1) / 2;
  const last = size - 1;
  const data = new Float32Array(size * size * 3);
  let at = 0;
  for (let row = 0; row < size; row++) {
    const v = row - middle - shiftY;
    for (let column = 0; column < size; column++, at += 3) {
      const u = (mirror ? last - column : column) - middle - shiftX;
      const x = Math.min(Math.max(cos * u + sin * v + middle, 0), last);
      const y = Math.min(Math.max(cos * v - sin * u + middle, 0), last);
      const x0 = Math.min(Math.floor(x), last - 1);
      const y0 = Math.min(Math.floor(y), last - 1);
      const fx = x - x0;
      const fy = y - y0;
      const a = (y0 * size + x0) * 3;
      const b = a + size * 3;
      for (let i = 0; i < 3; i++) {
        const top = crop[a + i]! * (1 - fx) + crop[a + 3 + i]! * fx;
        const bottom = crop[b + i]! * (1 - fx) + crop[b + 3 + i]! * fx;
        data[at + i] = top * (1 - fy) + bottom * fy;
      }
    }
  }
  return { size, data };
}
