import {
  type AlignmentSpec,
  type DetectedFace,
  type FaceLandmarker,
  type LandmarkedFace,
  type Point,
  type RgbImage,
  SafaceError,
  type TemplateAlignment,
  usesLandmarks,
} from '@saface/core';
import { cropBox } from './box-crop.ts';

/** Rotation, uniform scale and shift: x' = a*x - b*y + tx, y' = b*x + a*y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/**
 * The similarity that carries `from` onto `to` with the least squared error, without reflection (Umeyama 1991; in the plane
 * it has this closed form). Throws `invalid-input` when the points of `from` coincide or the counts differ.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  if (from.length !== to.length || from.length < 2) {
    throw new SafaceError(
      'invalid-input',
      `Cannot align ${from.length} points to ${to.length}`,
      'Give as many landmarks as the template has, at least two.',
    );
  }
  const p = centroid(from);
  const q = centroid(to);
  let dot = 0;
  let cross = 0;
  let norm = 0;
  for (let i = 0; i < from.length; i++) {
    const x = from[i]!.x - p.x;
    const y = from[i]!.y - p.y;
    const u = to[i]!.x - q.x;
    const v = to[i]!.y - q.y;
    dot += x * u + y * v;
    cross += x * v - y * u;
    norm += x * x + y * y;
  }
  if (!(norm > 1e-9)) {
    throw new SafaceError(
      'invalid-input',
      'Cannot align a face whose landmarks coincide',
      'Use a picture in which the face is larger.',
    );
  }
  const a = dot / norm;
  const b = cross / norm;
  return { a, b, tx: q.x - a * p.x + b * p.y, ty: q.y - b * p.x - a * p.y };
}

export function applySimilarity(t: Similarity, p: Point): Point {
  return { x: t.a * p.x - t.b * p.y + t.tx, y: t.b * p.x + t.a * p.y + t.ty };
}

export function invertSimilarity(t: Similarity): Similarity {
  const norm = t.a * t.a + t.b * t.b;
  const a = t.a / norm;
  const b = -t.b / norm;
  return { a, b, tx: -a * t.tx + b * t.ty, ty: -b * t.tx - a * t.ty };
}

function centroid(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const p of points) {
    x += p.x;
    y += p.y;
  }
  return { x: x / points.length, y: y / points.length };
}

/** The crop p of a detection (FA of the paper, section 2), `spec.size` square, in the form that the recogniser asks for. */
export function alignProbe(
  image: RgbImage,
  { box, landmarks }: Pick<LandmarkedFace, 'box' | 'landmarks'>,
  spec: AlignmentSpec,
): RgbImage {
  return usesLandmarks(spec) ? alignFace(image, landmarks, spec) : cropBox(image, box, spec.size);
}

/** The crop of a face: landmarks carried onto the template. */
export function alignFace(image: RgbImage, landmarks: readonly Point[], spec: TemplateAlignment): RgbImage {
  return warp(image, invertSimilarity(fitSimilarity(landmarks, spec.template)), spec.size);
}

/** In the place of a landmarker for recognisers that take the box as it is. */
export const noLandmarks: FaceLandmarker & { dispose(): Promise<void> } = {
  name: 'no-landmarks',
  landmark: async (_image: RgbImage, detected: readonly DetectedFace[]) =>
    detected.map((subject) => ({ ...subject, landmarks: [] })),
  dispose: async () => {},
};

/** More samples a pixel than this cost time and change nothing visible. */
const MAX_SUPERSAMPLING = 6;

/**
 * Samples `image` bilinearly under a square of `size`; `toImage` carries crop pixels to picture pixels (centres at .5).
 * Where the crop is smaller than what it shows, several samples are averaged so that nothing aliases. Outside is black.
 */
export function warp(image: RgbImage, toImage: Similarity, size: number): RgbImage {
  const out = new Uint8Array(size * size * 3);
  const step = Math.hypot(toImage.a, toImage.b);
  const n = Math.min(MAX_SUPERSAMPLING, Math.max(1, Math.round(step)));
  const { width, height, data } = image;
  const { a, b, tx, ty } = toImage;
  const weight = 1 / (n * n);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let s = 0; s < n * n; s++) {
        const u = column + ((s % n) + 0.5) / n;
        const v = row + (Math.floor(s / n) + 0.5) / n;
        const x = a * u - b * v + tx - 0.5;
        const y = b * u + a * v + ty - 0.5;
        const x0 = Math.floor(x);
        const y0 = Math.floor(y);
        if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) continue;
        const fx = x - x0;
        const fy = y - y0;
        const inLeft = x0 >= 0;
        const inRight = x0 + 1 < width;
        const top = (1 - fy) * weight;
        const bottom = fy * weight;
        const i = (y0 * width + x0) * 3;
        if (y0 >= 0) {
          if (inLeft) {
            const w = (1 - fx) * top;
            red += w * data[i]!;
            green += w * data[i + 1]!;
            blue += w * data[i + 2]!;
          }
          if (inRight) {
            const w = fx * top;
            red += w * data[i + 3]!;
            green += w * data[i + 4]!;
            blue += w * data[i + 5]!;
          }
        }
        if (y0 + 1 < height) {
          const j = i + width * 3;
          if (inLeft) {
            const w = (1 - fx) * bottom;
            red += w * data[j]!;
            green += w * data[j + 1]!;
            blue += w * data[j + 2]!;
          }
          if (inRight) {
            const w = fx * bottom;
            red += w * data[j + 3]!;
            green += w * data[j + 4]!;
            blue += w * data[j + 5]!;
          }
        }
      }
      out[at] = red + 0.5;
      out[at + 1] = green + 0.5;
      out[at + 2] = blue + 0.5;
    }
  }
  return { width: size, height: size, data: out };
}
