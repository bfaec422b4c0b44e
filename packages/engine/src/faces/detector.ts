import { type DetectedFace, type FaceDetector, type RgbImage, SafaceError } from '@saface/core';
import { Tensor } from 'onnxruntime-node';
import { floatData, OrtSession, type SessionOptions } from '../runtime/index.ts';
import { clipBox, suppress } from './boxes.ts';
import { resample } from './resize.ts';
import { decodeSsdBox, ssdAnchors } from './ssd-anchors.ts';

export interface DetectorOptions {
  /** Faces below this confidence are not reported, 0..1. */
  readonly scoreThreshold?: number;
  /** Faces whose shorter box side is below this many picture pixels are not reported. */
  readonly minFaceSize?: number;
  /** Longer side of the picture as the network sees it, in pixels. Time grows with its square. */
  readonly inputSize?: number;
  /** Pad to a square as face-api does, instead of the picture's own shape. Slower, only for comparison. */
  readonly square?: boolean;
  readonly session?: SessionOptions;
}

/** Overlap (IoU) above which two boxes are one face. */
const SUPPRESSION_OVERLAP = 0.5;
/** The deepest feature map that sees small faces has this stride; canvas sides are multiples of it. */
const CANVAS_STEP = 32;
const MAX_FACES = 100;

/** FD by SSD-MobileNetV1 (`buildDetector`). */
export class SsdDetector implements FaceDetector {
  readonly name = 'face-api-ssd';
  readonly #session: OrtSession;
  readonly #options: Required<Omit<DetectorOptions, 'session'>>;
  readonly #anchors = new Map<string, Float32Array>();

  private constructor(session: OrtSession, options: DetectorOptions) {
    this.#session = session;
    this.#options = {
      scoreThreshold: options.scoreThreshold ?? 0.3,
      minFaceSize: options.minFaceSize ?? 0,
      inputSize: options.inputSize ?? 512,
      square: options.square ?? false,
    };
    const { inputSize, scoreThreshold } = this.#options;
    if (!(Number.isInteger(inputSize) && inputSize >= 128 && inputSize <= 2048)) {
      throw new SafaceError(
        'invalid-input',
        `Detector input size ${inputSize} is outside 128..2048`,
        'Use 512, or more for smaller faces.',
      );
    }
    if (!(scoreThreshold > 0 && scoreThreshold < 1)) {
      throw new SafaceError(
        'invalid-input',
        `Detector threshold ${scoreThreshold} is outside 0..1`,
        'Use a value near 0.5.',
      );
    }
  }

  /** @param model file contents or path of detector.onnx */
  static async create(model: Uint8Array | string, options: DetectorOptions = {}): Promise<SsdDetector> {
    return new SsdDetector(await OrtSession.create(model, options.session), options);
  }

  async detect(image: RgbImage): Promise<DetectedFace[]> {
    const { inputSize, square, scoreThreshold, minFaceSize } = this.#options;
    const step = Math.max(image.width, image.height) / inputSize;
    const side = (length: number) =>
      square ? inputSize : Math.ceil(Math.ceil(length / step) / CANVAS_STEP) * CANVAS_STEP;
    const canvas = resample(image, {
      width: side(image.width),
      height: side(image.height),
      step,
      originX: 0,
      originY: 0,
    });
    brighten(canvas.data);
    const output = await this.#session.run({
      image: new Tensor('uint8', canvas.data, [1, canvas.height, canvas.width, 3]),
    });
    const scores = floatData(output.scores, 'scores');
    const codes = floatData(output.boxes, 'boxes');
    const anchors = this.#anchorsFor(canvas.width, canvas.height);
    const faces: DetectedFace[] = [];
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      if (!(score > scoreThreshold)) continue;
      const { x, y, width, height } = decodeSsdBox(anchors, codes, i);
      faces.push({ score, box: { x: x * step, y: y * step, width: width * step, height: height * step } });
    }
    return suppress(faces, SUPPRESSION_OVERLAP)
      .flatMap(({ score, box }) => {
        const clipped = clipBox(box, image.width, image.height);
        return clipped && Math.min(clipped.width, clipped.height) >= minFaceSize ? [{ score, box: clipped }] : [];
      })
      .slice(0, MAX_FACES);
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  #anchorsFor(width: number, height: number): Float32Array {
    const key = `${width}x${height}`;
    const anchors = this.#anchors.get(key) ?? ssdAnchors(width, height);
    this.#anchors.set(key, anchors);
    return anchors;
  }
}

/** Value that 95 % of a dim picture stay below; the network hardly sees faces in it. */
const DIM = 110;
const BRIGHT_ENOUGH = 180;
const MAX_GAIN = 5;

/** Turns up dim pictures in place, as a camera's gain would. Others, dark scenes with a lit face too, stay as they are. */
function brighten(data: Uint8Array): void {
  const histogram = new Uint32Array(256);
  // Every 17th value is sample enough; 17 and 3 share no factor, so all channels take part.
  for (let i = 0; i < data.length; i += 17) histogram[data[i]!]!++;
  // Black is mostly padding.
  let left = 0.05 * (Math.ceil(data.length / 17) - histogram[0]!);
  let bright = 255;
  while (bright > 0 && left > histogram[bright]!) left -= histogram[bright--]!;
  if (bright >= DIM || bright === 0) return;
  const gain = Math.min(MAX_GAIN, BRIGHT_ENOUGH / bright);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, data[i]! * gain);
}
