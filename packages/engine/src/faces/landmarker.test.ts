import type { RgbImage } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceApiRecogniser } from '../models/face-api/recogniser.ts';
import { alignFace } from './alignment.ts';
import { assessFace } from './quality.ts';
import { openTestFaces, plainPicture, samplePicture, type TestFaces } from './testing.ts';

let faces: TestFaces;
beforeAll(async () => {
  faces = await openTestFaces();
});
afterAll(() => faces.close());

describe('Landmarker68', () => {
  it('puts eyes above nose above mouth, left to right, inside the box of every clear face', async () => {
    const image = await samplePicture(1);
    const detected = (await faces.detector.detect(image)).filter(({ score }) => score > 0.8);
    expect(detected.length).toBeGreaterThan(0);
    for (const face of await faces.landmarker.landmark(image, detected)) {
      const [right, left, nose, rightMouth, leftMouth] = face.landmarks;
      expect(face.guessed).toBeUndefined();
      expect(right!.x).toBeLessThan(left!.x);
      expect(rightMouth!.x).toBeLessThan(leftMouth!.x);
      expect(nose!.y).toBeGreaterThan((right!.y + left!.y) / 2);
      expect(nose!.y).toBeLessThan((rightMouth!.y + leftMouth!.y) / 2);
      for (const point of face.landmarks) {
        expect(point.x).toBeGreaterThan(face.box.x);
        expect(point.x).toBeLessThan(face.box.x + face.box.width);
      }
    }
  });

  it('finds the same landmarks in a dim picture', async () => {
    const image = await samplePicture(1);
    const detected = (await faces.detector.detect(image)).filter(({ score }) => score > 0.8);
    const dim: RgbImage = { ...image, data: image.data.map((value) => value * 0.3) };
    const [bright, dark] = [
      await faces.landmarker.landmark(image, detected),
      await faces.landmarker.landmark(dim, detected),
    ];
    for (const [i, face] of bright.entries()) {
      for (const [k, point] of face.landmarks.entries()) {
        const other = dark[i]!.landmarks[k]!;
        expect(Math.hypot(point.x - other.x, point.y - other.y)).toBeLessThan(0.06 * face.box.width);
      }
    }
  });

  it('falls back to the mean face where there is none, says so, and the quality follows', async () => {
    const image = plainPicture(300, 300, 120);
    for (let i = 0; i < image.data.length; i++) image.data[i] = (i * 7919) % 256;
    const box = { x: 80, y: 60, width: 100, height: 130 };
    const [face] = await faces.landmarker.landmark(image, [{ box, score: 0.5 }]);
    expect(face!.guessed).toBe(true);
    const crop = alignFace(image, face!.landmarks, faceApiRecogniser.alignment);
    const { quality, reasons } = assessFace(face!, crop);
    expect(reasons).toContain('turned-away');
    expect(quality).toBeLessThan(0.65);
  });

  it('copes with boxes that reach over the edge and with no boxes at all', async () => {
    const image = await samplePicture(2);
    expect(await faces.landmarker.landmark(image, [])).toEqual([]);
    const corner = { x: image.width - 12, y: image.height - 9, width: 12, height: 9 };
    const [face] = await faces.landmarker.landmark(image, [{ box: corner, score: 0.4 }]);
    for (const { x, y } of face!.landmarks) expect(Number.isFinite(x + y)).toBe(true);
  });
});
