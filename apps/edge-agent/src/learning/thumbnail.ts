import type { RgbImage } from '@saface/core';

/** Small copy of a crop for the triplet gallery, by averaging: it is made for every kept probe, so it must cost next to nothing. */
export function thumbnail(image: RgbImage, size = 64): RgbImage {
  if (image.width <= size && image.height <= size) return { ...image, data: image.data.slice() };
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const top = Math.floor((y * image.height) / size);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * image.height) / size));
    for (let x = 0; x < size; x++) {
      const left = Math.floor((x * image.width) / size);
      const right = Math.max(left + 1, Math.floor(((x + 1) * image.width) / size));
      const count = (bottom - top) * (right - left);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            sum += image.data[(row * image.width + column) * 3 + channel]!;
        data[(y * size + x) * 3 + channel] = Math.round(sum / count);
      }
    }
  }
  return { width: size, height: size, data };
}
