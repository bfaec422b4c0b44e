import { type InputSpec, type RgbImage, SafaceError } from '@saface/core';

/** (value - mean) * scale for each of the 256 pixel values, by channel in the model's order. */
export function pixelTables({ mean, scale }: InputSpec): Float32Array[] {
  return mean.map((shift, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value - shift) * scale[channel]!),
  );
}

/** Interleaved 8-bit RGB to planar float32, channel after channel in the model's order. */
export function packCrops(
  crops: readonly RgbImage[],
  { size, channels }: InputSpec,
  tables: readonly Float32Array[],
): Float32Array {
  const area = size * size;
  const packed = new Float32Array(crops.length * 3 * area);
  crops.forEach(({ data }, index) => {
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      const source = channels === 'rgb' ? channel : 2 - channel;
      const offset = (index * 3 + channel) * area;
      for (let pixel = 0; pixel < area; pixel++) packed[offset + pixel] = table[data[pixel * 3 + source]!]!;
    }
  });
  return packed;
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
