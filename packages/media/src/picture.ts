import { readFile } from 'node:fs/promises';
import { describeError, type RgbImage, SafaceError } from '@saface/core';
import sharp from 'sharp';

const mostPixels = 100_000_000;

/**
 * A picture file (JPEG, PNG, WebP, AVIF, GIF, TIFF; first page) as upright RGB: EXIF rotation applied, transparency on black.
 *
 * @param source a path, or the bytes of a file
 * @param name what the picture is called in an error; the path when left out
 * @throws SafaceError `invalid-input` when it is not a picture, is broken, or has more than 100 million pixels.
 */
export async function readPicture(source: string | Uint8Array, name?: string): Promise<RgbImage> {
  const label = name ?? (typeof source === 'string' ? source : 'the picture');
  try {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    const { data, info } = await sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error' })
      .rotate()
      .toColourspace('srgb')
      .flatten()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, data };
    return { width: info.width, height: info.height, data: spreadGrey(data, info.channels) };
  } catch (error) {
    throw new SafaceError(
      'invalid-input',
      `"${label}" is not a picture that can be read (${describeError(error).split('\n')[0]})`,
      'Use a JPEG, PNG or WebP file of at most 100 million pixels.',
      { cause: error },
    );
  }
}

function spreadGrey(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) rgb.fill(data[i * channels] ?? 0, i * 3, i * 3 + 3);
  return rgb;
}
