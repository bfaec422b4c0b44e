import { readFile } from 'node:fs/promises';
import type { RgbImage } from '@saface/core';
import { describeError, SafaceError } from '@saface/core';
import sharp from 'sharp';

export interface DecodeLimits {
  /** Largest width * height that is decoded; a small file can hold a huge picture. */
  readonly maxPixels: number;
  /** Shortest side in pixels below which a picture cannot hold a usable face. */
  readonly minSide: number;
  readonly maxBytes: number;
}

export const defaultDecodeLimits: DecodeLimits = { maxPixels: 40_000_000, minSide: 16, maxBytes: 64 << 20 };

type Format = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF';

/** What the bytes are, whatever the file is called; null when it is no picture that we read. */
export function pictureFormat(bytes: Uint8Array): Format | null {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'JPEG';
  if (bytes[0] === 0x89 && ascii(1, 4) === 'PNG') return 'PNG';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'WebP';
  if (ascii(0, 4) === 'GIF8') return 'GIF';
  if (ascii(0, 4) === 'II*\0' || ascii(0, 4) === 'MM\0*') return 'TIFF';
  if (ascii(4, 8) === 'ftyp' && ['avif', 'avis', 'mif1'].includes(ascii(8, 12))) return 'AVIF';
  return null;
}

/**
 * Decodes a still picture, turned upright by its EXIF orientation, alpha over black, first frame of animations.
 * `name` is what the person called it and is used in errors only. Throws SafaceError `invalid-input`.
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  limits: DecodeLimits = defaultDecodeLimits,
): Promise<RgbImage> {
  const bad = (what: string, remedy: string, cause?: unknown) =>
    new SafaceError('invalid-input', `"${name}" ${what}`, remedy, cause === undefined ? undefined : { cause });
  const save = 'Save it as JPEG or PNG and try again.';
  if (bytes.length === 0) throw bad('is empty (0 bytes)', 'Copy or export the picture again.');
  if (bytes.length > limits.maxBytes) {
    throw bad(
      `is ${(bytes.length / 1e6).toFixed(0)} MB large`,
      `Use a file of at most ${Math.floor(limits.maxBytes / 1e6)} MB.`,
    );
  }
  if (String.fromCharCode(...bytes.subarray(0, 5)) === '%PDF-')
    throw bad('is a PDF, not a picture', `Export the page as a picture. ${save}`);
  const format = pictureFormat(bytes);
  if (format === null)
    throw bad('is not a picture in a format we read', `Use JPEG, PNG, WebP, GIF, TIFF or AVIF. ${save}`);
  const open = () => sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: 'error', animated: false });
  let size: { width: number; height: number };
  try {
    // Metadata is read without the pixel limit, so that the message can say how large the picture is.
    size = await sharp(bytes, { limitInputPixels: false, animated: false }).metadata();
  } catch (cause) {
    throw bad(
      `looks like ${format} but cannot be read (${describeError(cause)})`,
      `The file is damaged. ${save}`,
      cause,
    );
  }
  const { width, height } = size;
  if (width * height > limits.maxPixels) {
    throw bad(
      `has ${width}x${height} pixels`,
      `Shrink it to at most ${Math.floor(limits.maxPixels / 1e6)} megapixels.`,
    );
  }
  if (Math.min(width, height) < limits.minSide) {
    throw bad(
      `has only ${width}x${height} pixels`,
      `Use a picture of at least ${limits.minSide}x${limits.minSide} pixels.`,
    );
  }
  try {
    const { data, info } = await open()
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: '#000' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return {
      width: info.width,
      height: info.height,
      data: info.channels === 3 ? pixels : fromGrey(pixels, info.channels),
    };
  } catch (cause) {
    throw bad(
      `cannot be decoded as ${format} (${describeError(cause)})`,
      `The file is damaged or cut short. ${save}`,
      cause,
    );
  }
}

function fromGrey(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, at = 0; i < data.length; i += channels, at += 3) rgb.fill(data[i]!, at, at + 3);
  return rgb;
}

/** `decodeImage` of a file; the error names its path. */
export async function readImage(path: string, limits: DecodeLimits = defaultDecodeLimits): Promise<RgbImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new SafaceError(
      'not-found',
      `Cannot read "${path}" (${describeError(cause)})`,
      'Check the path and its permissions.',
      { cause },
    );
  }
  return decodeImage(bytes, path, limits);
}

const rawOf = (image: RgbImage) =>
  sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 }, limitInputPixels: false });

/** JPEG at `quality` 1..100; the longer side is shrunk to `maxSide` when it is given and exceeded. */
export async function encodeJpeg(
  image: RgbImage,
  options: { quality?: number; maxSide?: number } = {},
): Promise<Uint8Array> {
  const { quality = 85, maxSide } = options;
  const source =
    maxSide === undefined
      ? rawOf(image)
      : rawOf(image).resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true });
  return source.jpeg({ quality }).toBuffer();
}

/** Lossless, for crops that will be embedded again. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  return rawOf(image).png({ compressionLevel: 6 }).toBuffer();
}
