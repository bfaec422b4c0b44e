import type { RgbImage } from '@saface/core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceApiRecogniser } from '../models/face-api/recogniser.ts';
import { checkEnrolmentImage, checkEnrolmentPicture, type EnrolmentTools } from './enrolment-check.ts';
import { encodePng } from './image.ts';
import { cropImage, resample } from './resize.ts';
import { openTestFaces, plainPicture, samplePicture, type TestFaces } from './testing.ts';

let faces: TestFaces;
let tools: EnrolmentTools;
/** A portrait: the largest face of a sample picture with its surroundings. */
let portrait: RgbImage;
/** The same face, cut at chin and forehead. */
let tight: RgbImage;

beforeAll(async () => {
  faces = await openTestFaces();
  tools = { ...faces, alignment: faceApiRecogniser.alignment };
  const image = await samplePicture(1);
  const [largest] = (await faces.detector.detect(image)).sort((a, b) => b.box.width - a.box.width);
  const { x, y, width, height } = largest!.box;
  portrait = cropImage(image, { x: x - width * 0.6, y: y - height * 0.6, width: width * 2.2, height: height * 2.2 });
  tight = cropImage(image, { x: x - width * 0.05, y: y - height * 0.05, width: width * 1.1, height: height * 1.1 });
});
afterAll(() => faces.close());

const edited = async (image: RgbImage, edit: (picture: Sharp) => Sharp): Promise<RgbImage> => {
  const raw = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
  const { data, info } = await edit(raw).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
};

describe('checkEnrolmentPicture', () => {
  it('accepts a portrait and hands back its aligned crop', async () => {
    const check = await checkEnrolmentPicture(await encodePng(portrait), 'portrait.png', tools);
    expect(check).toMatchObject({ ok: true, reason: null });
    if (check.ok) {
      expect([check.crop.width, check.crop.height]).toEqual([150, 150]);
      expect(check.quality).toBeGreaterThan(0.6);
    }
  });

  it('finds a face that fills the whole picture', async () => {
    expect(await checkEnrolmentImage(tight, tools)).toMatchObject({ ok: true });
  });

  it('says why it refuses', async () => {
    expect(await checkEnrolmentImage(plainPicture(200, 200, 90), tools)).toMatchObject({
      ok: false,
      reason: 'no-face',
      faces: 0,
    });

    const two: RgbImage = plainPicture(portrait.width * 2, portrait.height);
    for (let y = 0; y < portrait.height; y++) {
      const row = portrait.data.subarray(y * portrait.width * 3, (y + 1) * portrait.width * 3);
      two.data.set(row, y * two.width * 3);
      two.data.set(row, (y * two.width + portrait.width) * 3);
    }
    expect(await checkEnrolmentImage(two, tools)).toMatchObject({ ok: false, reason: 'several-faces', faces: 2 });

    const step = portrait.width / 90;
    const small = resample(portrait, { width: 90, height: 90, step, originX: 0, originY: 0 });
    expect(await checkEnrolmentImage(small, tools)).toMatchObject({ ok: false, reason: 'too-small' });

    const blurred = await edited(portrait, (picture) => picture.blur(portrait.width / 110));
    expect(await checkEnrolmentImage(blurred, tools)).toMatchObject({ ok: false, reason: 'blurred' });

    const dark = await edited(portrait, (picture) => picture.linear(0.2, 0));
    expect(await checkEnrolmentImage(dark, tools)).toMatchObject({ ok: false, reason: 'too-dark' });
  });

  it('rates the same face lower the more it is blurred', async () => {
    const quality = async (sigma: number) => {
      const image = await edited(portrait, (picture) => picture.blur(sigma));
      const check = await checkEnrolmentImage(image, tools);
      return check.ok ? check.quality : (check.found?.quality ?? 0);
    };
    const qualities = [await quality(0.5), await quality(3), await quality(5)];
    expect(qualities).toEqual([...qualities].sort((a, b) => b - a));
    expect(qualities[0]).toBeGreaterThan(qualities[2]! + 0.1);
  });

  it('throws for bytes that are no picture', async () => {
    await expect(checkEnrolmentPicture(new TextEncoder().encode('%PDF-1.4'), 'id-card.jpg', tools)).rejects.toThrow(
      /"id-card.jpg" is a PDF/,
    );
  });
});
