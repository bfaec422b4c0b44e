import type { RgbImage } from '@saface/core';
import sharp from 'sharp';

export interface JpegOptions {
  /** Scale down to at most this many pixels across; never up. */
  readonly maxWidth?: number;
  /** 1..100, default 80. */
  readonly quality?: number;
}

/** An RGB picture as JPEG. */
export async function encodeJpeg(image: RgbImage, options: JpegOptions = {}): Promise<Uint8Array> {
  const { width, height, data } = image;
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  if (options.maxWidth !== undefined && options.maxWidth < width) picture.resize({ width: options.maxWidth });
  return picture.jpeg({ quality: options.quality ?? 80 }).toBuffer();
}
