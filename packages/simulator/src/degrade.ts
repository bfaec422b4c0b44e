import type { RgbImage } from '@saface/core';
import sharp from 'sharp';
import { clamp, toDisplay } from './scalar.ts';
import type { Scenario } from './scenarios.ts';

/** Display value 0..255 of linear light in 1/1024 steps up to 1; brighter light is compressed before it gets here. */
const developed = Float32Array.from({ length: 1025 }, (_, i) => 255 * toDisplay(i / 1024));

/** The light of a frame, before the camera: linear RGB. */
export interface LightField {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * What the scenario's camera makes of the light: flare, defocus, exposure, vignette, noise, and JPEG for cameras that send it.
 * @param seed of the noise; the same seed gives the same bytes.
 */
export async function degrade(
  light: LightField,
  scenario: Pick<Scenario, 'degradation'>,
  seed: number,
): Promise<RgbImage> {
  const { degradation } = scenario;
  if (degradation.flare > 0) addFlare(light, degradation.flare);
  if (degradation.defocus > 0) blur(light, degradation.defocus);
  const { width, height } = light;
  const data = develop(light, scenario, seed);
  if (degradation.jpegQuality === null) return { width, height, data };
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: degradation.jpegQuality })
    .toBuffer();
  return { width, height, data: await sharp(jpeg).raw().toBuffer() };
}

function develop(light: LightField, scenario: Pick<Scenario, 'degradation'>, seed: number): Uint8Array {
  const { width, height, data } = light;
  const { exposure, vignette, noise } = scenario.degradation;
  const out = new Uint8Array(width * height * 3);
  const diagonal = 4 / (width * width + height * height);
  let state = seed | 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const dx = column - width / 2;
      const dy = row - height / 2;
      const gain = exposure * (1 - vignette * (dx * dx + dy * dy) * diagonal);
      // Three uniform numbers out of one xorshift step add up to a bell curve of standard deviation 1.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const grain = ((state & 1023) + ((state >>> 10) & 1023) + ((state >>> 20) & 1023) - 1534.5) / 512;
      const at = (row * width + column) * 3;
      for (let i = 0; i < 3; i++) {
        const x = (data[at + i] ?? 0) * gain;
        const compressed = x < 0.6 ? x : 0.6 + 0.4 * (1 - 1 / (1 + (x - 0.6) / 0.4));
        const value = developed[Math.round(clamp(compressed, 0, 1) * 1024)] ?? 0;
        // Sensors are noisier in the dark, where the picture is amplified; each colour has some noise of its own.
        const own = (((state >>> (i * 9)) ^ (state >>> (i * 5 + 3))) & 511) / 256 - 1;
        const noisy = value + noise * (1.15 - value / 400) * (0.8 * grain + 0.7 * own) + 0.5;
        out[at + i] = Math.min(Math.max(noisy, 0), 255);
      }
    }
  }
  return out;
}

/** Separable Gaussian blur, in place; beyond its edges a picture goes on as it ends there. */
function blur(light: LightField, sigma: number): void {
  const { width, height, data } = light;
  const radius = Math.max(1, Math.ceil(sigma * 2.2));
  const bell = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const total = bell.reduce((a, b) => a + b, 0);
  const weights = Float64Array.from(bell, (weight) => weight / total);
  const stride = width * 3;
  const margin = radius * 3;

  const line = new Float32Array(stride + 2 * margin);
  for (let row = 0; row < height; row++) {
    const pixels = data.subarray(row * stride, (row + 1) * stride);
    line.set(pixels, margin);
    for (let i = 0; i < margin; i++) {
      line[i] = pixels[i % 3]!;
      line[margin + stride + i] = pixels[stride - 3 + (i % 3)]!;
    }
    for (let i = 0; i < stride; i += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0, at = i; k < weights.length; k++, at += 3) {
        const weight = weights[k]!;
        r += line[at]! * weight;
        g += line[at + 1]! * weight;
        b += line[at + 2]! * weight;
      }
      pixels[i] = r;
      pixels[i + 1] = g;
      pixels[i + 2] = b;
    }
  }

  // Row by row as well, in a copy: going down columns, every step would be a miss of the cache.
  const source = data.slice();
  const rows = new Int32Array(weights.length);
  for (let row = 0; row < height; row++) {
    for (let k = 0; k < rows.length; k++) rows[k] = Math.min(Math.max(row + k - radius, 0), height - 1) * stride;
    for (let i = 0; i < stride; i += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < rows.length; k++) {
        const at = rows[k]! + i;
        const weight = weights[k]!;
        r += source[at]! * weight;
        g += source[at + 1]! * weight;
        b += source[at + 2]! * weight;
      }
      const to = row * stride + i;
      data[to] = r;
      data[to + 1] = g;
      data[to + 2] = b;
    }
  }
}

/** Adds a wide glow around what is bright: light scattered in the lens. */
function addFlare(light: LightField, amount: number): void {
  const { width, height, data } = light;
  const step = 10;
  const w = Math.ceil(width / step);
  const h = Math.ceil(height / step);
  const small = new Float32Array(w * h * 3);
  for (let row = 0; row < height; row++) {
    const down = Math.floor(row / step) * w;
    for (let column = 0; column < width; column++) {
      const to = (down + Math.floor(column / step)) * 3;
      const from = (row * width + column) * 3;
      for (let i = 0; i < 3; i++) small[to + i]! += data[from + i]! / (step * step);
    }
  }
  blur({ width: w, height: h, data: small }, 3.5);
  for (let row = 0; row < height; row++) {
    const y = clamp((row + 0.5) / step - 0.5, 0, h - 1.001);
    const y0 = Math.floor(y);
    const fy = y - y0;
    for (let column = 0; column < width; column++) {
      const x = clamp((column + 0.5) / step - 0.5, 0, w - 1.001);
      const x0 = Math.floor(x);
      const fx = x - x0;
      const a = (y0 * w + x0) * 3;
      const c = a + w * 3;
      const to = (row * width + column) * 3;
      for (let i = 0; i < 3; i++) {
        const top = (small[a + i] ?? 0) * (1 - fx) + (small[a + 3 + i] ?? 0) * fx;
        const bottom = (small[c + i] ?? 0) * (1 - fx) + (small[c + 3 + i] ?? 0) * fx;
        data[to + i] = (data[to + i] ?? 0) * (1 - amount) + (top * (1 - fy) + bottom * fy) * amount;
      }
    }
  }
}
