import { type InputSpec, type RgbImage, SafaceError } from '@saface/core';

/**
 * Interleaved 8-bit RGB to planar float32, (value - mean) * scale, channel after channel in the model's order, at the beginning of `packed`.
 * This is the one thing that recognition computes in JavaScript: one pass over the pixels and arithmetic are faster than a pass for
 * each channel and a table of the 256 values.
 */
export function packCrops(crops: readonly RgbImage[], input: InputSpec, packed: Float32Array): void {
  const area = input.size * input.size;
  const [mean0, mean1, mean2] = input.mean;
  const [scale0, scale1, scale2] = input.scale;
  const [red, blue] = input.channels === 'rgb' ? [0, 2] : [2, 0];
  for (let index = 0; index < crops.length; index++) {
    const { data } = crops[index]!;
    let at = index * 3 * area;
    for (let pixel = 0; pixel < data.length; pixel += 3, at++) {
      packed[at] = (data[pixel + red]! - mean0) * scale0;
      packed[at + area] = (data[pixel + 1]! - mean1) * scale1;
      packed[at + 2 * area] = (data[pixel + blue]! - mean2) * scale2;
    }
  }
}

/** @throws SafaceError 'invalid-input' */
export function checkCrop({ width, height, data }: RgbImage, size: number): void {
  if (width === size && height === size && data.length === size * size * 3) return;
  throw new SafaceError(
    'invalid-input',
    `A crop is ${width}x${height} with ${data.length} bytes, not ${size}x${size} RGB`,
    "Align faces to the recogniser's input size first.",
  );
}
