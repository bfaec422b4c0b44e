import { type Frame, iou } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceApiRecogniser } from '../models/face-api/recogniser.ts';
import { SsdDetector } from './detector.ts';
import { FacePipeline } from './face-pipeline.ts';
import { resample } from './resize.ts';
import { openTestFaces, plainPicture, samplePicture, type TestFaces } from './testing.ts';

let faces: TestFaces;
beforeAll(async () => {
  faces = await openTestFaces();
});
afterAll(() => faces.close());

describe('FacePipeline', () => {
  it('follows every face of a panning camera under one id and reports tracks that end', async () => {
    const picture = await samplePicture(1);
    const size = { width: 640, height: 480 };
    const step = Math.max(picture.width / size.width, picture.height / size.height);
    const frames: Frame[] = [0, 1, 2, 3].map((index) => ({
      ...resample(picture, { ...size, step, originX: index * 6 * step, originY: 0 }),
      index,
      time: index * 40,
    }));
    const pipeline = new FacePipeline({ ...faces, alignment: faceApiRecogniser.alignment });
    const ids: number[][] = [];
    for (const frame of frames) {
      const result = await pipeline.process(frame);
      expect(result.endedTracks).toEqual([]);
      expect(result.probes.length).toBe(result.faces.length);
      for (const probe of result.probes) {
        expect(probe.crop).toMatchObject({ width: 150, height: 150 });
        expect(probe.landmarks).toHaveLength(5);
        expect(probe.quality).toBeGreaterThanOrEqual(0);
        expect(probe.quality).toBeLessThanOrEqual(1);
      }
      ids.push(result.probes.map((probe) => probe.trackId).sort((a, b) => a - b));
    }
    expect(ids[0]!.length).toBeGreaterThan(0);
    for (const later of ids) expect(later).toEqual(ids[0]);

    const empty = await pipeline.process({ ...plainPicture(640, 480), index: 4, time: 600 });
    expect(empty.probes).toEqual([]);
    expect(empty.endedTracks).toEqual(ids[0]);
  });
});

describe('SsdDetector', () => {
  it('finds the same faces at any size and shape of the picture', async () => {
    const picture = await samplePicture(1);
    const reference = await faces.detector.detect(picture);
    const half = resample(picture, {
      width: Math.floor(picture.width / 2),
      height: Math.floor(picture.height / 2),
      step: 2,
      originX: 0,
      originY: 0,
    });
    const found = (await faces.detector.detect(half)).map(({ box }) => ({
      x: box.x * 2,
      y: box.y * 2,
      width: box.width * 2,
      height: box.height * 2,
    }));
    for (const { box } of reference.filter(({ score }) => score > 0.6)) {
      expect(Math.max(0, ...found.map((other) => iou(other, box)))).toBeGreaterThan(0.7);
    }
  });

  it('sees nothing in an empty picture', async () => {
    expect(await faces.detector.detect(plainPicture(33, 500))).toEqual([]);
    expect(await faces.detector.detect(plainPicture(1, 1))).toEqual([]);
  });

  it('drops faces below the size asked for, and refuses sizes and thresholds that make no sense', async () => {
    const picture = await samplePicture(1);
    const sizes = (await faces.detector.detect(picture)).map(({ box }) => Math.min(box.width, box.height));
    const minFaceSize = Math.max(...sizes);
    const picky = await SsdDetector.create(faces.models.detector.path, { minFaceSize });
    expect(await picky.detect(picture)).toHaveLength(sizes.filter((size) => size >= minFaceSize).length);
    await picky.dispose();
    await expect(SsdDetector.create(faces.models.detector.path, { inputSize: 10 })).rejects.toThrow(/size 10/);
    await expect(SsdDetector.create(faces.models.detector.path, { scoreThreshold: Number.NaN })).rejects.toThrow(/NaN/);
  });
});
