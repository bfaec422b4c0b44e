import { type Box, type RgbImage, SafaceError } from '@saface/core';

/** More samples a pixel and axis than this cost time and change nothing visible. */
const MAX_SUPERSAMPLING = 6;

/**
 * What the box shows as a square of `size` pixels: its proportions are given up, so every recogniser of boxes learns from
 * subjects stretched alike. Averages several samples where the crop is smaller than the box; outside the picture is black.
 *
 * @throws SafaceError `invalid-input` when the box is empty
 */
export function cropBox(image: RgbImage, box: Box, size: number): RgbImage {
  if (!(box.width > 0 && box.height > 0)) {
    throw new SafaceError(
      'invalid-input',
      `Cannot cut out a box of ${box.width}x${box.height} pixels`,
      'Give a box that covers part of the picture.',
    );
  }
  const columns = samplesOf({ from: box.x, length: box.width, limit: image.width }, size);
  const rows = samplesOf({ from: box.y, length: box.height, limit: image.height }, size);
  const out = new Uint8Array(size * size * 3);
  const { data, width } = image;
  const weight = 1 / (columns.each * rows.each);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let v = row * rows.each; v < (row + 1) * rows.each; v++) {
        for (let end = 0; end < 2; end++) {
          const line = rows.index[2 * v + end]! * width;
          const down = rows.weight[2 * v + end]! * weight;
          if (down === 0) continue;
          for (let u = 2 * column * columns.each; u < 2 * (column + 1) * columns.each; u++) {
            const share = down * columns.weight[u]!;
            const i = (line + columns.index[u]!) * 3;
            red += share * data[i]!;
            green += share * data[i + 1]!;
            blue += share * data[i + 2]!;
          }
        }
      }
      out[at] = red + 0.5;
      out[at + 1] = green + 0.5;
      out[at + 2] = blue + 0.5;
    }
  }
  return { width: size, height: size, data: out };
}

/** For one axis: the two neighbours of every sample and their weights, 0 outside the picture. */
function samplesOf({ from, length, limit }: { from: number; length: number; limit: number }, size: number) {
  const each = Math.min(MAX_SUPERSAMPLING, Math.max(1, Math.round(length / size)));
  const index = new Int32Array(2 * size * each);
  const weight = new Float32Array(2 * size * each);
  for (let i = 0; i < size * each; i++) {
    const at = from + ((i + 0.5) / (size * each)) * length - 0.5;
    const low = Math.floor(at);
    for (let end = 0; end < 2; end++) {
      const inside = low + end >= 0 && low + end < limit;
      index[2 * i + end] = inside ? low + end : 0;
      weight[2 * i + end] = inside ? (end === 0 ? 1 - (at - low) : at - low) : 0;
    }
  }
  return { each, index, weight };
}
