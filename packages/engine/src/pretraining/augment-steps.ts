import type { Random } from '@saface/core';

/** A square picture while it is varied: interleaved RGB, about 0..255. */
export interface Picture {
  readonly size: number;
  readonly data: Float32Array;
}

/** As a face that was `factor` times smaller in its frame: averaged down, then blown up again. */
export function coarsen({ size, data }: Picture, factor: number): Picture {
  const small = Math.max(4, Math.round(size / factor));
  const step = size / small;
  const means = new Float32Array(small * small * 3);
  for (let row = 0; row < small; row++) {
    const [top, bottom] = [Math.floor(row * step), Math.max(Math.floor(row * step) + 1, Math.floor((row + 1) * step))];
    for (let column = 0; column < small; column++) {
      const left = Math.floor(column * step);
      const right = Math.max(left + 1, Math.floor((column + 1) * step));
      const weight = 1 / ((bottom - top) * (right - left));
      const to = (row * small + column) * 3;
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++)
          for (let i = 0; i < 3; i++) means[to + i]! += data[(y * size + x) * 3 + i]! * weight;
    }
  }
  const out = new Float32Array(data.length);
  for (let row = 0; row < size; row++) {
    const y = Math.min(Math.max((row + 0.5) / step - 0.5, 0), small - 1.001);
    const y0 = Math.floor(y);
    for (let column = 0; column < size; column++) {
      const x = Math.min(Math.max((column + 0.5) / step - 0.5, 0), small - 1.001);
      const x0 = Math.floor(x);
      const [fx, fy] = [x - x0, y - y0];
      const a = (y0 * small + x0) * 3;
      const b = a + small * 3;
      const to = (row * size + column) * 3;
      for (let i = 0; i < 3; i++)
        out[to + i] =
          (means[a + i]! * (1 - fx) + means[a + 3 + i]! * fx) * (1 - fy) +
          (means[b + i]! * (1 - fx) + means[b + 3 + i]! * fx) * fy;
    }
  }
  return { size, data: out };
}

/** Out of focus: 1-2-1 along both axes. */
export function blurSoft(picture: Picture): Picture {
  return along(along(picture, [1, 0], [0.25, 0.5, 0.25]), [0, 1], [0.25, 0.5, 0.25]);
}

/** A face that moved while the shutter was open, across or along. */
export function blurLine(picture: Picture, random: Random): Picture {
  const taps = 3 + 2 * Math.floor(random() * 2);
  const weights = Array.from({ length: taps }, () => 1 / taps);
  return along(picture, random() < 0.7 ? [1, 0] : [0, 1], weights);
}

function along({ size, data }: Picture, [dx, dy]: readonly [number, number], weights: readonly number[]): Picture {
  const out = new Float32Array(data.length);
  const reach = (weights.length - 1) / 2;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const to = (row * size + column) * 3;
      for (let tap = 0; tap < weights.length; tap++) {
        const y = Math.min(Math.max(row + dy * (tap - reach), 0), size - 1);
        const x = Math.min(Math.max(column + dx * (tap - reach), 0), size - 1);
        const from = (y * size + x) * 3;
        for (let i = 0; i < 3; i++) out[to + i]! += data[from + i]! * weights[tap]!;
      }
    }
  }
  return { size, data: out };
}

/** Another brightness, contrast and colour balance. */
export function relight({ size, data }: Picture, random: Random, amount: number): Picture {
  const vary = (share: number) => (random() - 0.5) * 2 * amount * share;
  const contrast = 1 + vary(1);
  const shift = 255 * vary(0.6);
  const gains = [1 + vary(0.4), 1, 1 + vary(0.4)];
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at]!;
  const mean = sum / data.length;
  const out = new Float32Array(data.length);
  for (let at = 0; at < out.length; at += 3)
    for (let i = 0; i < 3; i++) out[at + i] = ((data[at + i]! - mean) * contrast + mean + shift) * gains[i]!;
  return { size, data: out };
}

/** Something before the face: one plain rectangle, up to a third of the side. */
export function hide({ size, data }: Picture, random: Random): Picture {
  const out = data.slice();
  const side = () => Math.round(size * (0.12 + 0.22 * random()));
  const [width, height] = [side(), side()];
  const left = Math.floor(random() * (size - width));
  const top = Math.floor(random() * (size - height));
  const grey = 255 * random();
  const colour = [grey + 40 * (random() - 0.5), grey, grey + 40 * (random() - 0.5)];
  for (let row = top; row < top + height; row++)
    for (let column = left; column < left + width; column++)
      for (let i = 0; i < 3; i++) out[(row * size + column) * 3 + i] = colour[i]!;
  return { size, data: out };
}

/** Sensor noise of this standard deviation, mostly the same in all colours. */
export function addGrain({ size, data }: Picture, random: Random, deviation: number): Picture {
  const bell = () => (random() + random() + random() - 1.5) * 2;
  const out = data.slice();
  for (let at = 0; at < out.length; at += 3) {
    const grain = bell();
    for (let i = 0; i < 3; i++) out[at + i]! += deviation * (0.85 * grain + 0.5 * (random() - 0.5) * 3.46);
  }
  return { size, data: out };
}

/** Entry [k * 8 + n] of the orthonormal cosine transform of eight values, and of its inverse. */
const forward = Float32Array.from({ length: 64 }, (_, at) => {
  const [k, n] = [at >> 3, at & 7];
  return Math.sqrt((k === 0 ? 1 : 2) / 8) * Math.cos((Math.PI * (2 * n + 1) * k) / 16);
});
const inverse = forward.map((_, at) => forward[(at & 7) * 8 + (at >> 3)]!);

/**
 * What JPEG does to a picture: 8x8 blocks whose cosine coefficients are rounded, the finer ones more coarsely. `step` is
 * the rounding of the coarsest coefficient.
 */
export function quantiseBlocks({ size, data }: Picture, step: number): Picture {
  const out = data.slice();
  const block = new Float32Array(64);
  const half = new Float32Array(64);
  const widths = Float32Array.from({ length: 64 }, (_, n) => step * (0.5 + 0.25 * ((n >> 3) + (n & 7))));
  for (let top = 0; top + 8 <= size; top += 8) {
    for (let left = 0; left + 8 <= size; left += 8) {
      for (let i = 0; i < 3; i++) {
        const corner = (top * size + left) * 3 + i;
        for (let n = 0; n < 64; n++) block[n] = out[corner + ((n >> 3) * size + (n & 7)) * 3]!;
        transform(block, half, forward);
        for (let n = 0; n < 64; n++) block[n] = Math.round(block[n]! / widths[n]!) * widths[n]!;
        transform(block, half, inverse);
        for (let n = 0; n < 64; n++) out[corner + ((n >> 3) * size + (n & 7)) * 3] = block[n]!;
      }
    }
  }
  return { size, data: out };
}

/** Multiplies the rows, then the columns of an 8x8 block with a matrix, in place. */
function transform(block: Float32Array, half: Float32Array, matrix: Float32Array): void {
  for (let row = 0; row < 64; row += 8)
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += block[row + n]! * matrix[k * 8 + n]!;
      half[row + k] = sum;
    }
  for (let column = 0; column < 8; column++)
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += half[n * 8 + column]! * matrix[k * 8 + n]!;
      block[k * 8 + column] = sum;
    }
}
