import type { DetectedFace, FaceLandmarker, LandmarkedFace, Point, RgbImage } from '@saface/core';
import { Tensor } from 'onnxruntime-node';
import { LANDMARK_INPUT_SIZE } from '../models/face-api/landmarks-68.ts';
import { floatData, OrtSession, type SessionOptions } from '../runtime/index.ts';
import { cropImage, fitIntoSquare } from './resize.ts';

const POINTS = 68;

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

  async landmark(image: RgbImage, faces: readonly DetectedFace[]): Promise<LandmarkedFace[]> {
    const points = await this.points68(image, faces);
    return faces.map((face, i) => ({ ...face, landmarks: fivePoints(points[i]!) }));
  }

  /** All 68 points of each face in picture pixels, in the usual order (jaw 0-16, brows, nose 27-35, eyes 36-47, mouth). */
  async points68(image: RgbImage, faces: readonly DetectedFace[]): Promise<Point[][]> {
    if (faces.length === 0) return [];
    const side = LANDMARK_INPUT_SIZE;
    const batch = new Uint8Array(faces.length * side * side * 3);
    const samplings = faces.map(({ box }, i) => {
      const square = fitIntoSquare(cropImage(image, box), side);
      batch.set(square.image.data, i * side * side * 3);
      return square.sampling;
    });
    const output = await this.#session.run({ image: new Tensor('uint8', batch, [faces.length, side, side, 3]) });
    const values = floatData(output.points, 'points');
    return faces.map(({ box }, face) => {
      const { step, originX, originY } = samplings[face]!;
      const left = Math.max(0, Math.floor(box.x)) + originX;
      const top = Math.max(0, Math.floor(box.y)) + originY;
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
