import type { RgbImage } from '@saface/core';

/** A picture averaged down to every second row and column: 3 values a pixel, 0..255. */
export interface SmallPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Half the size, four pixels averaged: sensor noise halves, bodies stay dozens of pixels high. */
export function halved({ width, height, data }: RgbImage): SmallPicture {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Float32Array(w * h * 3);
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = (2 * y * width + 2 * x) * 3;
      const below = from + width * 3;
      for (let i = 0; i < 3; i++, at++)
        out[at] = (data[from + i]! + data[from + 3 + i]! + data[below + i]! + data[below + 3 + i]!) / 4;
    }
  }
  return { width: w, height: h, data: out };
}

/** Share by which the background follows what it shows, a frame: fast where nothing moves, slowly under what stands there. */
const RATES = { still: 0.12, covered: 0.012, start: 6 } as const;
/** Least difference in any colour that means something, 0..255, and in multiples of the pixel's own noise. */
const DIFFERENCE = { least: 10, noises: 4 } as const;
/** A shadow leaves this share of the light, about the same in every colour. */
const SHADOW = { from: 0.55, to: 0.98, spread: 0.05 } as const;
/** Share of changed pixels from which it was the light or the camera that changed, not what stands there. */
const ANOTHER_SCENE = 0.55;

/** What a fixed camera sees when nobody is there; it follows the light of the day, and forgets what stays. */
export class Background {
  #mean: Float32Array | null = null;
  #noise = new Float32Array(0);
  #seen = 0;

  /** 1 for every pixel that shows something else than the background; then takes the picture into account. */
  changed({ width, height, data }: SmallPicture): Uint8Array {
    const pixels = width * height;
    const changed = new Uint8Array(pixels);
    if (this.#mean?.length !== data.length) this.#restart(data);
    const mean = this.#mean!;
    this.#seen += 1;
    if (this.#seen === 1) return changed;
    followLight(mean, data);
    let count = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (!this.#differs(data, pixel)) continue;
      changed[pixel] = 1;
      count += 1;
    }
    if (count > ANOTHER_SCENE * pixels) {
      this.#restart(data);
      return new Uint8Array(pixels);
    }
    // The first pictures count alike, so that who stands in the very first one does not stay there as a ghost.
    const fresh = this.#seen < RATES.start ? 1 / this.#seen : 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const rate = Math.max(fresh, changed[pixel] === 1 ? RATES.covered : RATES.still);
      const at = pixel * 3;
      let off = 0;
      for (let i = 0; i < 3; i++) {
        const difference = data[at + i]! - mean[at + i]!;
        mean[at + i]! += rate * difference;
        off += Math.abs(difference) / 3;
      }
      if (changed[pixel] === 0) this.#noise[pixel]! += 0.05 * (off - this.#noise[pixel]!);
    }
    return changed;
  }

  #differs(data: Float32Array, pixel: number): boolean {
    const at = pixel * 3;
    const mean = this.#mean!;
    const limit = Math.max(DIFFERENCE.least, DIFFERENCE.noises * this.#noise[pixel]!);
    let largest = 0;
    let [low, high] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < 3; i++) {
      largest = Math.max(largest, Math.abs(data[at + i]! - mean[at + i]!));
      const share = (data[at + i]! + 4) / (mean[at + i]! + 4);
      low = Math.min(low, share);
      high = Math.max(high, share);
    }
    if (largest <= limit) return false;
    return !(low > SHADOW.from && high < SHADOW.to && high - low < SHADOW.spread);
  }

  #restart(data: Float32Array): void {
    this.#mean = data.slice();
    this.#noise = new Float32Array(data.length / 3).fill(2);
    this.#seen = 0;
  }
}

/** Most that the light of the whole scene may change from one frame to the next and still be followed at once. */
const LARGEST_STEP = 0.1;
/** Every so many values one is looked at: the median of some thousand is as good as that of all. */
const SAMPLING = 31;

/** A cloud dims everything alike: the background follows the median change of each colour at once. */
function followLight(mean: Float32Array, data: Float32Array): void {
  for (let colour = 0; colour < 3; colour++) {
    const shares: number[] = [];
    for (let at = colour; at < data.length; at += 3 * SAMPLING) shares.push((data[at]! + 1) / (mean[at]! + 1));
    const median = shares.sort((a, b) => a - b)[shares.length >> 1]!;
    const share = Math.min(1 + LARGEST_STEP, Math.max(1 - LARGEST_STEP, median));
    for (let at = colour; at < mean.length; at += 3) mean[at]! *= share;
  }
}
