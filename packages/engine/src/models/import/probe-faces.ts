import { join } from 'node:path';
import type { LandmarkedFace, RgbImage, TemplateAlignment } from '@saface/core';
import { alignFace } from '../../faces/alignment.ts';
import { SsdDetector } from '../../faces/detector.ts';
import { readImage } from '../../faces/image.ts';
import { Landmarker68 } from '../../faces/landmarker.ts';
import { resample } from '../../faces/resize.ts';
import type { DefaultModels } from '../build-default-models.ts';
import { faceApiRoot } from '../face-api/weights.ts';

/** A face to try a recogniser on. Faces of one `person` are genuine pairs, others impostor pairs. */
export interface ProbeFace {
  readonly image: RgbImage;
  readonly landmarks: LandmarkedFace['landmarks'];
  readonly person: string;
}

const PICTURES = 6;
const MIN_SIDE = 50;
const MIN_SCORE = 0.6;

/** The pictures of several people that face-api’s package carries. */
export function samplePictures(): Promise<RgbImage[]> {
  const files = Array.from({ length: PICTURES }, (_, n) => join(faceApiRoot(), 'demo', `sample${n + 1}.jpg`));
  return Promise.all(files.map((file) => readImage(file)));
}

/** The faces in the pictures that face-api’s package carries. Each picture is taken for other people than the rest. */
export async function packagedFaces(models: DefaultModels, threads?: number): Promise<ProbeFace[]> {
  const detector = await SsdDetector.create(models.detector.path, { session: { threads }, scoreThreshold: MIN_SCORE });
  const landmarker = await Landmarker68.create(models.landmarks.path, { threads });
  const faces: ProbeFace[] = [];
  try {
    for (const [n, image] of (await samplePictures()).entries()) {
      const found = (await detector.detect(image)).filter(({ box }) => Math.min(box.width, box.height) >= MIN_SIDE);
      for (const [i, { landmarks, guessed }] of (await landmarker.landmark(image, found)).entries())
        if (!guessed) faces.push({ image, landmarks, person: `${n}-${i}` });
    }
  } finally {
    await detector.dispose();
    await landmarker.dispose();
  }
  return faces;
}

/** Ways in which one face looks different from one moment to the next. */
const views: readonly ((face: ProbeFace, alignment: TemplateAlignment) => RgbImage)[] = [
  ({ image, landmarks }, alignment) => alignFace(image, landmarks, alignment),
  ({ image, landmarks }, alignment) => mirror(alignFace(image, landmarks, alignment)),
  ({ image, landmarks }, alignment) => relight(alignFace(image, jitter(landmarks, 0.06), alignment), 0.55),
  ({ image, landmarks }, alignment) => coarsen(alignFace(image, jitter(landmarks, -0.05), alignment), 3),
  ({ image, landmarks }, alignment) => relight(coarsen(mirror(alignFace(image, landmarks, alignment)), 2), 1.5),
];
export const viewsPerFace = views.length;

/** Crops of all faces in all views, and who is on each. */
export function probeCrops(faces: readonly ProbeFace[], alignment: TemplateAlignment) {
  return faces.flatMap((face) => views.map((view) => ({ crop: view(face, alignment), person: face.person })));
}

/** Landmarks as a sloppy detector would find them: turned and moved by a share of the face. */
function jitter(landmarks: ProbeFace['landmarks'], share: number): ProbeFace['landmarks'] {
  const [left, right, nose] = landmarks as [
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
  ];
  const side = Math.hypot(right.x - left.x, right.y - left.y);
  const [cos, sin] = [Math.cos(share), Math.sin(share)];
  return landmarks.map(({ x, y }) => ({
    x: nose.x + cos * (x - nose.x) - sin * (y - nose.y) + share * side,
    y: nose.y + sin * (x - nose.x) + cos * (y - nose.y) - (share * side) / 2,
  }));
}

function mirror({ width, height, data }: RgbImage): RgbImage {
  const out = new Uint8Array(data.length);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const other = pixel - (pixel % width) + (width - 1 - (pixel % width));
    for (let channel = 0; channel < 3; channel++) out[pixel * 3 + channel] = data[other * 3 + channel]!;
  }
  return { width, height, data: out };
}

function relight({ width, height, data }: RgbImage, gain: number): RgbImage {
  return { width, height, data: data.map((value) => Math.min(255, value * gain)) };
}

/** As a camera of a third of the resolution would see it. */
function coarsen(image: RgbImage, step: number): RgbImage {
  const small = { width: Math.ceil(image.width / step), height: Math.ceil(image.height / step) };
  const seen = resample(image, { ...small, step, originX: (step - 1) / 2, originY: (step - 1) / 2 });
  return resample(seen, {
    width: image.width,
    height: image.height,
    step: 1 / step,
    originX: (1 / step - 1) / 2,
    originY: (1 / step - 1) / 2,
  });
}
