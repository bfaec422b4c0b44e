import type { Layer, Rectangle } from './layer.ts';

export interface Compositing {
  /** World z that each pixel of the room shows, metres. */
  readonly depth: Float32Array;
  /** World z of what the layer shows. */
  readonly z: number;
  /** Pixels it moves while the shutter is open. */
  readonly blurX: number;
  readonly blurY: number;
  /** 0 fully there .. 1 lost in glare. */
  readonly veil: number;
  /** Called for each pixel the layer covers by more than half. */
  readonly mark: (pixel: number) => void;
}

/**
 * Lays a layer over the frame (linear RGB) where nothing of the room stands before it, smeared along its motion, and clears it.
 */
export function composite(frame: Float32Array, layer: Layer, box: Rectangle, how: Compositing): void {
  const { width, data } = layer;
  const { depth, blurX, blurY } = how;
  const taps = 1 + Math.min(8, Math.round(Math.hypot(blurX, blurY)));
  const shiftsOf = (blur: number) =>
    Int32Array.from({ length: taps }, (_, k) => (taps === 1 ? 0 : Math.round((k / (taps - 1) - 0.5) * blur)));
  const shiftsX = shiftsOf(blurX);
  const shiftsY = shiftsOf(blurY);
  const marginX = Math.ceil(Math.abs(blurX) / 2);
  const marginY = Math.ceil(Math.abs(blurY) / 2);
  const top = Math.max(0, box.top - marginY);
  const bottom = Math.min(layer.height, box.bottom + marginY);
  const left = Math.max(0, box.left - marginX);
  const right = Math.min(width, box.right + marginX);
  const clear = (1 - how.veil) / taps;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const pixel = y * width + x;
      if ((depth[pixel] ?? 0) < how.z - 0.25) continue;
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let tap = 0; tap < taps; tap++) {
        const px = x - shiftsX[tap]!;
        const py = y - shiftsY[tap]!;
        if (px < box.left || px >= box.right || py < box.top || py >= box.bottom) continue;
        const from = (py * width + px) * 4;
        r += data[from] ?? 0;
        g += data[from + 1] ?? 0;
        b += data[from + 2] ?? 0;
        a += data[from + 3] ?? 0;
      }
      if (a === 0) continue;
      a *= clear;
      const to = pixel * 3;
      frame[to] = (frame[to] ?? 0) * (1 - a) + r * clear;
      frame[to + 1] = (frame[to + 1] ?? 0) * (1 - a) + g * clear;
      frame[to + 2] = (frame[to + 2] ?? 0) * (1 - a) + b * clear;
      if (a > 0.5) how.mark(pixel);
    }
  }
  for (let y = box.top; y < box.bottom; y++) data.fill(0, (y * width + box.left) * 4, (y * width + box.right) * 4);
}
