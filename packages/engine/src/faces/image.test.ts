import { SafaceError } from '@saface/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, encodeJpeg, encodePng, readImage } from './image.ts';

const plain = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } });

async function refusal(bytes: Uint8Array, name: string): Promise<SafaceError> {
  const error = await decodeImage(bytes, name).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SafaceError)) throw new Error(`expected a SafaceError, got ${error}`);
  return error;
}

describe('decodeImage', () => {
  it.each([
    ['empty.jpg', async () => new Uint8Array(0), /empty/],
    ['notes.jpg', async () => new TextEncoder().encode('this is a text file, whatever it is called'), /not a picture/],
    ['scan.jpg', async () => new TextEncoder().encode('%PDF-1.7 and so on'), /PDF/],
    ['drawing.png', async () => new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'), /not a picture/],
    ['dot.png', async () => plain(1, 1, 'red').png().toBuffer(), /only 1x1 pixels/],
    ['huge.png', async () => plain(8000, 6000, 'white').png().toBuffer(), /8000x6000/],
    ['cut.jpg', async () => (await plain(300, 300, 'red').jpeg().toBuffer()).subarray(0, 300), /JPEG/],
    ['header.png', async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /PNG/],
  ])('refuses %s by name, with a remedy', async (name, make, message) => {
    const error = await refusal(await make(), name);
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).toMatch(message);
    expect(error.remedy.length).toBeGreaterThan(10);
  });

  it('goes by content, not by extension', async () => {
    const image = await decodeImage(await plain(40, 30, '#102030').webp({ lossless: true }).toBuffer(), 'photo.txt');
    expect([image.width, image.height, ...image.data.subarray(0, 3)]).toEqual([40, 30, 0x10, 0x20, 0x30]);
  });

  it('turns pictures upright by their EXIF orientation', async () => {
    const bytes = await plain(60, 40, 'red').jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const image = await decodeImage(bytes, 'phone.jpg');
    expect([image.width, image.height]).toEqual([40, 60]);
  });

  it('gives three channels for grey, transparent and 16-bit pictures', async () => {
    const grey = await decodeImage(await plain(20, 20, '#808080').toColourspace('b-w').png().toBuffer(), 'grey.png');
    expect(grey.data).toHaveLength(20 * 20 * 3);
    expect([...grey.data.subarray(0, 3)]).toEqual([128, 128, 128]);
    const clear = await decodeImage(
      await sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } })
        .png()
        .toBuffer(),
      'clear.png',
    );
    expect([...clear.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    const deep = await decodeImage(await plain(20, 20, '#804020').toColourspace('rgb16').png().toBuffer(), 'deep.png');
    expect(deep.data).toHaveLength(20 * 20 * 3);
    expect(Math.abs(deep.data[0]! - 0x80)).toBeLessThanOrEqual(1);
  });
});

describe('readImage', () => {
  it('names the path of a missing file', async () => {
    await expect(readImage('/nowhere/at/all.png')).rejects.toThrow(/"\/nowhere\/at\/all.png"/);
  });
});

describe('encoders', () => {
  it('PNG brings back the same pixels; JPEG keeps to the longest side asked for', async () => {
    const image = { width: 64, height: 48, data: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 37) % 256) };
    expect((await decodeImage(await encodePng(image), 'a.png')).data).toEqual(image.data);
    const small = await decodeImage(await encodeJpeg(image, { maxSide: 32 }), 'a.jpg');
    expect([small.width, small.height]).toEqual([32, 24]);
  });
});
