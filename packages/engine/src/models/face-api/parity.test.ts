import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Box, iou, type RgbImage } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alignFace } from '../../faces/alignment.ts';
import { SsdDetector } from '../../faces/detector.ts';
import { readImage } from '../../faces/image.ts';
import { fivePoints, Landmarker68 } from '../../faces/landmarker.ts';
import { cropImage } from '../../faces/resize.ts';
import { floatData, floatTensor, OrtSession } from '../../runtime/index.ts';
import { type DefaultModels, ensureDefaultModels } from '../build-default-models.ts';
import { faceApiRecogniser } from './recogniser.ts';
import { FaceApiReference } from './reference.ts';
import { faceApiRoot } from './weights.ts';

const samples = [1, 2, 3, 4, 5, 6].map((n) => `sample${n}.jpg`);
const SCORE = 0.5;

let folder: string;
let models: DefaultModels;
let reference: FaceApiReference;
const pictures = new Map<string, { image: RgbImage; boxes: Box[]; scores: number[] }>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-parity-'));
  models = await ensureDefaultModels(folder);
  reference = await FaceApiReference.load();
  for (const name of samples) {
    const image = await readImage(join(faceApiRoot(), 'demo', name));
    const faces = await reference.detect(image, SCORE);
    pictures.set(name, { image, boxes: faces.map(({ box }) => box), scores: faces.map(({ score }) => score) });
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the ONNX models against face-api itself, on the sample pictures of its package', () => {
  it.each(samples)('detector: %s gives the same boxes and scores', async (name) => {
    const { image, boxes, scores } = pictures.get(name)!;
    const detector = await SsdDetector.create(models.detector.path, { scoreThreshold: SCORE, square: true });
    const faces = await detector.detect(image);
    await detector.dispose();
    expect(boxes.length).toBeGreaterThan(0);
    expect(faces).toHaveLength(boxes.length);
    for (const [i, box] of boxes.entries()) {
      const nearest = faces.reduce((best, face) => (iou(face.box, box) > iou(best.box, box) ? face : best));
      expect(iou(nearest.box, box)).toBeGreaterThan(0.98);
      expect(Math.abs(nearest.score - scores[i]!)).toBeLessThan(0.01);
    }
  });

  it.each(samples)('landmarks: %s gives the same 68 points within a pixel', async (name) => {
    const { image, boxes } = pictures.get(name)!;
    const landmarker = await Landmarker68.create(models.landmarks.path);
    const points = await landmarker.points68(
      image,
      boxes.map((box) => ({ box, score: 1 })),
    );
    await landmarker.dispose();
    for (const [i, box] of boxes.entries()) {
      const expected = await reference.landmarks(cropImage(image, box));
      const [left, top] = [Math.max(0, Math.floor(box.x)), Math.max(0, Math.floor(box.y))];
      const errors = points[i]!.map((p, k) => Math.hypot(p.x - left - expected[k]!.x, p.y - top - expected[k]!.y));
      expect(Math.max(...errors)).toBeLessThan(1);
    }
  });

  it('recogniser: the descriptors of all aligned faces are the same within 1e-3', async () => {
    const landmarker = await Landmarker68.create(models.landmarks.path);
    const crops: RgbImage[] = [];
    for (const { image, boxes } of pictures.values()) {
      const points = await landmarker.points68(
        image,
        boxes.map((box) => ({ box, score: 1 })),
      );
      crops.push(...points.map((p) => alignFace(image, fivePoints(p), faceApiRecogniser.alignment)));
    }
    await landmarker.dispose();
    const recogniser = await OrtSession.create(models.recogniser.path);
    const output = await recogniser.run({ input: floatTensor(normalise(crops), [crops.length, 3, 150, 150]) });
    await recogniser.dispose();
    const ours = floatData(output.embedding, 'embedding');
    const expected = await reference.descriptors(crops);
    expect(crops.length).toBeGreaterThanOrEqual(samples.length);
    const worst = expected.map((d, i) => Math.max(...d.map((value, k) => Math.abs(value - ours[i * 128 + k]!))));
    expect(Math.max(...worst)).toBeLessThan(1e-3);
  });
});

/** Planar float32, as `faceApiRecogniser.input` says. */
function normalise(crops: readonly RgbImage[]): Float32Array {
  const { mean, scale, size } = faceApiRecogniser.input;
  const plane = size * size;
  const data = new Float32Array(crops.length * plane * 3);
  for (const [n, crop] of crops.entries()) {
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) data[(n * 3 + c) * plane + i] = (crop.data[i * 3 + c]! - mean[c]!) * scale[c]!;
    }
  }
  return data;
}
