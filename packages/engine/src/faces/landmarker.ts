import {
  type AlignmentSpec,
  type Box,
  type DetectedFace,
  type FaceLandmarker,
  type LandmarkedFace,
  type Point,
  type RgbImage,
  usesLandmarks,
} from '@saface/core';
import { Tensor } from 'onnxruntime-node';
import { LANDMARK_INPUT_SIZE } from '../models/face-api/landmarks-68.ts';
import { floatData, OrtSession, type SessionOptions } from '../runtime/index.ts';
import { applySimilarity, fitSimilarity, noLandmarks } from './alignment.ts';
import { meanFaceTemplate } from './mean-face.ts';
import { cropImage, fitIntoSquare } from './resize.ts';

const POINTS = 68;

/** A piece of a picture and where its top-left corner lies. */
interface Crop extends Point {
  readonly picture: RgbImage;
}

/** The landmarker that a recogniser's alignment needs: the net in `model`, or none where boxes are taken as they are. */
export async function landmarkerFor(
  model: Uint8Array | string,
  alignment: AlignmentSpec,
  session: SessionOptions = {},
): Promise<FaceLandmarker & { dispose(): Promise<void> }> {
  return usesLandmarks(alignment) ? Landmarker68.create(model, session) : noLandmarks;
}

/** The 68-point net (`buildLandmarks`), reduced to the five points that alignment uses. */
export class Landmarker68 implements FaceLandmarker {
  readonly name = 'face-api-68';
  readonly #session: OrtSession;

  private constructor(session: OrtSession) {
    this.#session = session;
  }

  /** @param model file contents or path of landmarks.onnx */
  static async create(model: Uint8Array | string, session: SessionOptions = {}): Promise<Landmarker68> {
    return new Landmarker68(await OrtSession.create(model, session));
  }

  /** Landmarks that make no face are replaced by those of a mean face in the detector's box, and marked `guessed`. */
  async landmark(image: RgbImage, faces: readonly DetectedFace[]): Promise<LandmarkedFace[]> {
    const crops = faces.map(({ box }) => {
      const wanted = landmarkBox(box);
      return { ...wanted, picture: stretchContrast(cropImage(image, wanted)) };
    });
    const points = await this.#find(crops);
    return faces.map((face, i) => {
      const landmarks = fivePoints(points[i]!);
      return isFace(landmarks, face.box)
        ? { ...face, landmarks }
        : { ...face, landmarks: meanFaceIn(face.box), guessed: true };
    });
  }

  /** All 68 points of each face in picture pixels, in the usual order (jaw 0-16, brows, nose 27-35, eyes 36-47, mouth). */
  async points68(image: RgbImage, faces: readonly DetectedFace[]): Promise<Point[][]> {
    return this.#find(faces.map(({ box }) => ({ ...box, picture: cropImage(image, box) })));
  }

  async #find(crops: readonly Crop[]): Promise<Point[][]> {
    if (crops.length === 0) return [];
    const side = LANDMARK_INPUT_SIZE;
    const batch = new Uint8Array(crops.length * side * side * 3);
    const samplings = crops.map(({ picture }, i) => {
      const square = fitIntoSquare(picture, side);
      batch.set(square.image.data, i * side * side * 3);
      return square.sampling;
    });
    const output = await this.#session.run({ image: new Tensor('uint8', batch, [crops.length, side, side, 3]) });
    const values = floatData(output.points, 'points');
    return crops.map((crop, face) => {
      const { step, originX, originY } = samplings[face]!;
      const left = Math.max(0, Math.floor(crop.x)) + originX;
      const top = Math.max(0, Math.floor(crop.y)) + originY;
      return Array.from({ length: POINTS }, (_, i) => {
        const at = (face * POINTS + i) * 2;
        return { x: values[at]! * side * step + left, y: values[at + 1]! * side * step + top };
      });
    });
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

/** Eye centres, nose tip and mouth corners out of 68 points; left to right as seen in the picture. */
export function fivePoints(points: readonly Point[]): Point[] {
  const centre = (from: number, to: number): Point => {
    const part = points.slice(from, to);
    return {
      x: part.reduce((sum, p) => sum + p.x, 0) / part.length,
      y: part.reduce((sum, p) => sum + p.y, 0) / part.length,
    };
  };
  return [centre(36, 42), centre(42, 48), points[30]!, points[48]!, points[54]!];
}

/**
 * Where the net is to look. The detector's boxes reach higher than those it was trained on: moved down by 13 % of their
 * height and grown a little, far fewer small faces come out wrong (docs/decisions/012-landmarks.md).
 */
function landmarkBox({ x, y, width, height }: Box): Box {
  return { x: x - 0.025 * width, y: y + 0.105 * height, width: 1.05 * width, height: 1.05 * height };
}

const meanFace = meanFaceTemplate(1, 0);
/** Side of the mean face over the geometric mean of the box's sides, and where its centre lies in the box. */
const MEAN_FACE_SHARE = 0.7;
const MEAN_FACE_CENTRE = { x: 0.5, y: 0.57 } as const;

/** The mean face as it usually lies in a detector's box. */
function meanFaceIn(box: Box): Point[] {
  const side = MEAN_FACE_SHARE * Math.sqrt(box.width * box.height);
  return meanFace.map((p) => ({
    x: box.x + MEAN_FACE_CENTRE.x * box.width + (p.x - 0.5) * side,
    y: box.y + MEAN_FACE_CENTRE.y * box.height + (p.y - 0.5) * side,
  }));
}

/** Side of the fitted mean face over the box's, roll in radians and fit (in sides of the mean face) that faces stay within. */
const PLAUSIBLE = { minShare: 0.42, maxShare: 1.1, roll: Math.PI / 4, misfit: 0.25 } as const;

/** Whether five landmarks look like a face of that box; on blurred ones the net may see a tiny or lying one. */
function isFace(landmarks: readonly Point[], box: Box): boolean {
  const t = fitSimilarity(meanFace, landmarks);
  const side = Math.hypot(t.a, t.b);
  const share = side / Math.sqrt(box.width * box.height);
  const squares = landmarks.reduce((sum, p, i) => {
    const q = applySimilarity(t, meanFace[i]!);
    return sum + (p.x - q.x) ** 2 + (p.y - q.y) ** 2;
  }, 0);
  return (
    share >= PLAUSIBLE.minShare &&
    share <= PLAUSIBLE.maxShare &&
    Math.abs(Math.atan2(t.b, t.a)) <= PLAUSIBLE.roll &&
    Math.sqrt(squares / landmarks.length) <= PLAUSIBLE.misfit * side
  );
}

/** Share of the values at either end that may be lost. */
const CLIPPED = 0.02;
const MAX_GAIN = 4;
const TARGET = { low: 20, high: 235 } as const;

/** Spreads the values over the whole range: the net does worse on dim and backlit faces. */
function stretchContrast(image: RgbImage): RgbImage {
  const histogram = new Uint32Array(256);
  for (const value of image.data) histogram[value]!++;
  const quantile = (share: number) => {
    let left = share * image.data.length;
    let value = 0;
    while (value < 255 && left >= histogram[value]!) left -= histogram[value++]!;
    return value;
  };
  const low = quantile(CLIPPED);
  const gain = Math.min(MAX_GAIN, (TARGET.high - TARGET.low) / Math.max(1, quantile(1 - CLIPPED) - low));
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => (value - low) * gain + TARGET.low);
  return { ...image, data: image.data.map((value) => table[value]!) };
}
