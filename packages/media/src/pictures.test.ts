import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createFrameSource } from './frame-source.ts';
import { encodeJpeg } from './jpeg.ts';
import { readPicture } from './picture.ts';
import { readPictureFolder } from './picture-folder.ts';
import { collect, meanDifference, testPicture, withFolder } from './testing.ts';

describe('pictures', () => {
  it('survive JPEG, and are scaled down but never up', async () => {
    const picture = testPicture(3);
    expect(meanDifference(await readPicture(await encodeJpeg(picture, { quality: 95 })), picture)).toBeLessThan(4);
    expect(await readPicture(await encodeJpeg(picture, { maxWidth: 32 }))).toMatchObject({ width: 32, height: 24 });
    expect(await readPicture(await encodeJpeg(picture, { maxWidth: 640 }))).toMatchObject({ width: 64, height: 48 });
  });

  it('come out as upright RGB whatever they were', async () => {
    const grey = await sharp(Buffer.alloc(6, 77), { raw: { width: 3, height: 2, channels: 1 } })
      .png()
      .toBuffer();
    expect(await readPicture(grey)).toMatchObject({
      width: 3,
      height: 2,
      data: expect.toSatisfy((d: Uint8Array) => d.length === 18 && d.every((v) => v === 77)),
    });
    const turned = await sharp({ create: { width: 4, height: 8, channels: 4, background: '#fff0' } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    expect(await readPicture(turned)).toMatchObject({ width: 8, height: 4 });
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    expect([...(await readPicture(dot)).data]).toEqual([0x12, 0x34, 0x56]);
  });

  it('that are none are named', async () => {
    await expect(readPicture(Buffer.from('%PDF-1.7'), 'passport.pdf')).rejects.toThrow(
      /"passport.pdf" is not a picture/,
    );
  });
});

describe('a folder of pictures', () => {
  it('is a video in the order people count, sizes as they are', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'still10.jpg'), await encodeJpeg(testPicture(10)));
      await writeFile(join(folder, 'still2.jpg'), await encodeJpeg(testPicture(2, { width: 80, height: 60 })));
      await writeFile(join(folder, 'readme.txt'), 'not a picture');
      const frames = await collect(readPictureFolder(folder, { fps: 2 }));
      expect(frames.map(({ width, index, time }) => ({ width, index, time }))).toEqual([
        { width: 80, index: 0, time: 0 },
        { width: 64, index: 1, time: 500 },
      ]);
      expect(await collect(createFrameSource(folder).frames(AbortSignal.abort()))).toEqual([]);
      expect(
        await collect(createFrameSource(folder, { maxFrames: 1 }).frames(new AbortController().signal)),
      ).toHaveLength(1);
    }));

  it('goes on past what cannot be read, and names it in the end', () =>
    withFolder(async (folder) => {
      const whole = await encodeJpeg(testPicture(1));
      for (const name of ['a.jfif', 'c.jpg']) await writeFile(join(folder, name), whole);
      await writeFile(join(folder, 'b.heic'), whole.subarray(0, 300));
      const indices: number[] = [];
      const read = async () => {
        for await (const { index } of readPictureFolder(folder)) indices.push(index);
      };
      await expect(read()).rejects.toThrow(/b\.heic" is not a picture/);
      await writeFile(join(folder, 'd.bmp'), 'BM');
      await expect(read()).rejects.toThrow(/^2 of 4 pictures in .* cannot be read, the first: .*b\.heic/);
      expect(indices).toEqual([0, 2, 0, 2]);
    }));

  it('names the picture that is broken, and says when there is none', () =>
    withFolder(async (folder) => {
      await expect(collect(readPictureFolder(folder))).rejects.toThrow(/has no pictures/);
      await writeFile(join(folder, 'a.jpg'), (await encodeJpeg(testPicture(1))).slice(0, 300));
      await expect(collect(readPictureFolder(folder))).rejects.toThrow(/a\.jpg" is not a picture/);
      await expect(collect(readPictureFolder(join(folder, 'none')))).rejects.toBeInstanceOf(SafaceError);
    }));
});
