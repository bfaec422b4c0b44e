import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RgbImage } from '@saface/core';
import { type DefaultModels, ensureDefaultModels } from '../models/build-default-models.ts';
import { faceApiRoot } from '../models/face-api/weights.ts';
import { SsdDetector } from './detector.ts';
import { readImage } from './image.ts';
import { Landmarker68 } from './landmarker.ts';

/** The real models for a test file; `close` removes everything again. */
export interface TestFaces {
  readonly models: DefaultModels;
  readonly detector: SsdDetector;
  readonly landmarker: Landmarker68;
  close(): Promise<void>;
}

export async function openTestFaces(): Promise<TestFaces> {
  const folder = await mkdtemp(join(tmpdir(), 'saface-faces-'));
  const models = await ensureDefaultModels(folder);
  const detector = await SsdDetector.create(models.detector.path);
  const landmarker = await Landmarker68.create(models.landmarks.path);
  const close = async () => {
    await detector.dispose();
    await landmarker.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  return { models, detector, landmarker, close };
}

/** One of the six pictures inside the face-api package. */
export function samplePicture(n: number): Promise<RgbImage> {
  return readImage(join(faceApiRoot(), 'demo', `sample${n}.jpg`));
}

export function plainPicture(width: number, height: number, value = 0): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}
