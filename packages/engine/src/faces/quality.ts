import type { LandmarkedFace, RgbImage } from '@saface/core';

/** Why a face is poor; in the order in which one would mend it. */
export const qualityReasons = ['too-small', 'blurred', 'too-dark', 'turned-away'] as const;
export type QualityReason = (typeof qualityReasons)[number];

/** What is measured of one face; the same at enrolment and on camera. */
export interface QualityMeasures {
  /** Shorter side of the detector's box, picture pixels. */
  readonly size: number;
  /** Energy of fine detail against all contrast, on the face's own pixels (never on enlarged ones). About 0.01 blurred, 0.04 and more sharp. */
  readonly sharpness: number;
  /** Mean luminance of the face, 0..255. */
  readonly brightness: number;
  /** 1 = looks into the camera, 0 = profile, or head far up or down; from the landmarks' symmetry. Null without landmarks. */
  readonly frontality: number | null;
}

/** A face worse than one of these is named by its reason. */
export interface QualityLimits {
  readonly size: number;
  readonly sharpness: number;
  readonly brightness: number;
  readonly frontality: number;
}

/** What a camera can still use: recognition averages over a track. */
export const cameraLimits: QualityLimits = { size: 24, sharpness: 0.008, brightness: 25, frontality: 0.25 };
/** What a gallery should hold: one bad template spoils every comparison. */
export const enrolmentLimits: QualityLimits = { size: 60, sharpness: 0.015, brightness: 35, frontality: 0.3 };

export interface FaceQuality {
  /** 0..1: how usable the crop is; the geometric mean of the measures, each rated 0..1. */
  readonly quality: number;
  readonly measures: QualityMeasures;
  readonly reasons: readonly QualityReason[];
}

/** Measured values at which a rating is 0 and 1; sharpness is rated by its logarithm. */
const RATING = {
  size: [16, 80],
  sharpness: [0.004, 0.06],
  brightness: [10, 60],
  frontality: [0, 0.7],
} as const;

/** @param crop the face aligned by `alignProbe`; its middle 70 % is taken as the face. */
export function assessFace(face: LandmarkedFace, crop: RgbImage, limits: QualityLimits = cameraLimits): FaceQuality {
  const patch = facePatch(crop, face);
  const measures: QualityMeasures = {
    size: Math.min(face.box.width, face.box.height),
    sharpness: sharpness(patch),
    brightness: patch.data.reduce((sum, value) => sum + value, 0) / patch.data.length,
    frontality: frontality(face),
  };
  const ratings = [
    rate(measures.size, RATING.size),
    rate(Math.log(Math.max(1e-6, measures.sharpness)), [Math.log(RATING.sharpness[0]), Math.log(RATING.sharpness[1])]),
    rate(measures.brightness, RATING.brightness),
    ...(measures.frontality === null ? [] : [rate(measures.frontality, RATING.frontality)]),
  ];
  const reasons = qualityReasons.filter((reason) => {
    const measure = {
      'too-small': 'size',
      blurred: 'sharpness',
      'too-dark': 'brightness',
      'turned-away': 'frontality',
    } as const;
    const value = measures[measure[reason]];
    return value !== null && value < limits[measure[reason]];
  });
  return { quality: ratings.reduce((product, value) => product * value, 1) ** (1 / ratings.length), measures, reasons };
}

function rate(value: number, [zero, one]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (value - zero) / (one - zero)));
}

interface GreyPatch {
  readonly size: number;
  readonly data: Float32Array;
}

const FACE_SHARE = 0.7;
/** Below this a second derivative says nothing. */
const MIN_PATCH = 12;

/** The face in grey, at the resolution that the camera saw: an enlarged crop is averaged back down. */
function facePatch(crop: RgbImage, face: LandmarkedFace): GreyPatch {
  const side = crop.width * FACE_SHARE;
  const left = (crop.width - side) / 2;
  const native = Math.min(face.box.width, face.box.height);
  const size = Math.max(MIN_PATCH, Math.floor(Math.min(side, native)));
  const step = side / size;
  const data = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      data[row * size + column] = averageLuminance(crop, { x: left + column * step, y: left + row * step, side: step });
    }
  }
  return { size, data };
}

function averageLuminance(crop: RgbImage, area: { x: number; y: number; side: number }): number {
  const x1 = Math.max(Math.floor(area.x) + 1, Math.round(area.x + area.side));
  const y1 = Math.max(Math.floor(area.y) + 1, Math.round(area.y + area.side));
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(area.y); y < y1; y++) {
    for (let x = Math.floor(area.x); x < x1; x++) {
      const i = (y * crop.width + x) * 3;
      sum += 0.299 * crop.data[i]! + 0.587 * crop.data[i + 1]! + 0.114 * crop.data[i + 2]!;
      count++;
    }
  }
  return sum / count;
}

/** Variance of a flat picture's noise, so that a featureless patch does not count as sharp. */
const NOISE_FLOOR = 25;

/** Variance of the Laplacian over the variance of the luminance: what blur takes away first, whatever the contrast. */
function sharpness({ size, data }: GreyPatch): number {
  let sum = 0;
  let squares = 0;
  let laplacian = 0;
  const inner = (size - 2) ** 2;
  for (let row = 1; row < size - 1; row++) {
    for (let column = 1; column < size - 1; column++) {
      const i = row * size + column;
      const value = data[i]!;
      sum += value;
      squares += value * value;
      laplacian += (4 * value - data[i - 1]! - data[i + 1]! - data[i - size]! - data[i + size]!) ** 2;
    }
  }
  const variance = squares / inner - (sum / inner) ** 2;
  return laplacian / inner / (variance + NOISE_FLOOR);
}

/** Where the nose tip of a face that looks into the camera lies between eyes (0) and mouth (1). */
const FRONTAL_NOSE = 0.53;

/** Faces without landmarks are mostly turned away or blurred. */
const GUESSED_FRONTALITY = 0.1;

/** From the five landmarks: how near the nose tip is to where it is seen from the front. Null for subjects without any. */
function frontality({ landmarks, guessed }: LandmarkedFace): number | null {
  if (landmarks.length === 0) return null;
  if (guessed) return GUESSED_FRONTALITY;
  const [rightEye, leftEye, nose, rightMouth, leftMouth] = landmarks;
  if (!rightEye || !leftEye || !nose || !rightMouth || !leftMouth) return 0;
  const eyes = { x: (rightEye.x + leftEye.x) / 2, y: (rightEye.y + leftEye.y) / 2 };
  const mouth = { x: (rightMouth.x + leftMouth.x) / 2, y: (rightMouth.y + leftMouth.y) / 2 };
  const down = { x: mouth.x - eyes.x, y: mouth.y - eyes.y };
  const height = Math.hypot(down.x, down.y);
  const width = Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y);
  if (!(height > 1e-6) || !(width > 1e-6)) return 0;
  const along = ((nose.x - eyes.x) * down.x + (nose.y - eyes.y) * down.y) / height;
  const across = ((nose.x - eyes.x) * down.y - (nose.y - eyes.y) * down.x) / height;
  // A half turn of the nose over one eye is profile; so is a face whose eyes lie as close as a third of its height.
  const yaw = 1 - Math.min(1, Math.abs(across) / (width / 2));
  const pitch = 1 - Math.min(1, Math.abs(along / height - FRONTAL_NOSE) / 0.5);
  const narrow = Math.min(1, width / height / 0.6);
  return yaw * pitch * narrow;
}
