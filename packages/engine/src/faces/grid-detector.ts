import { type DetectedFace, type FaceDetector, type RgbImage, SafaceError } from '@saface/core';
import type { OnnxModel } from '../onnx/model.ts';
import { encodeModel } from '../onnx/model.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/index.ts';
import { clipBox, suppress } from './boxes.ts';
import type { DetectorOptions } from './detector.ts';
import type { DetectorFamily } from './detector-spec.ts';
import { resample } from './resize.ts';

export interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** A detector that says for each cell of three grids whether a face is there, and where its box and landmarks are. */
export interface GridFamily {
  readonly name: DetectorFamily;
  readonly channels: 'rgb' | 'bgr';
  /** (value - mean) * scale of 0..255 values. */
  readonly mean: number;
  readonly scale: number;
  readonly scoreThreshold: number;
  /** Faces above `scoreThreshold` in canvas pixels, overlapping ones too; `outputs` in the order of the file. */
  decode(outputs: readonly GridOutput[], canvas: Canvas, scoreThreshold: number): DetectedFace[];
}

export interface GridOutput {
  readonly name: string;
  readonly data: Float32Array;
}

export const gridStrides = [8, 16, 32] as const;

const DEFAULT_INPUT_SIZE = 640;
/** Canvas sides are multiples of the largest stride. */
const CANVAS_STEP = 32;
const SUPPRESSION_OVERLAP = 0.45;
const MAX_FACES = 100;

/** FD by a network without preset anchors; keeps no state between calls. */
export class GridDetector implements FaceDetector {
  readonly name: string;
  readonly #session: OrtSession;
  readonly #family: GridFamily;
  /** Height and width where the file fixes them. */
  readonly #fixed: Canvas | null;
  readonly #inputSize: number;
  readonly #scoreThreshold: number;
  readonly #minFaceSize: number;

  private constructor(session: OrtSession, family: GridFamily, { fixed, options }: Settings) {
    this.name = family.name;
    this.#session = session;
    this.#family = family;
    this.#fixed = fixed;
    this.#inputSize = options.inputSize ?? DEFAULT_INPUT_SIZE;
    this.#scoreThreshold = options.scoreThreshold ?? family.scoreThreshold;
    this.#minFaceSize = options.minFaceSize ?? 0;
    if (!(Number.isInteger(this.#inputSize) && this.#inputSize >= 128 && this.#inputSize <= 2048)) {
      throw new SafaceError(
        'invalid-input',
        `Detector input size ${this.#inputSize} is outside 128..2048`,
        `Use ${DEFAULT_INPUT_SIZE}, or more for smaller faces.`,
      );
    }
    if (!(this.#scoreThreshold > 0 && this.#scoreThreshold < 1)) {
      throw new SafaceError(
        'invalid-input',
        `Detector threshold ${this.#scoreThreshold} is outside 0..1`,
        `Use a value near ${family.scoreThreshold}.`,
      );
    }
  }

  /**
   * @throws SafaceError 'unsupported' when the file's input is no picture, or fixed to sides that no grid fits
   */
  static async create(model: OnnxModel, family: GridFamily, options: DetectorOptions = {}): Promise<GridDetector> {
    const open = withOpenSides(model);
    const session = await OrtSession.create(encodeModel(open ?? model), options.session);
    if (open && !(await runsAtAnySize(session))) {
      await session.dispose();
      const asItIs = await OrtSession.create(encodeModel(model), options.session);
      return new GridDetector(asItIs, family, { fixed: fixedSides(model), options });
    }
    return new GridDetector(session, family, { fixed: null, options });
  }

  async detect(image: RgbImage): Promise<DetectedFace[]> {
    const { canvas, step } = this.#canvasFor(image);
    // Pixel centres lie at .5, as in the resizing that these networks were trained with.
    const origin = (step - 1) / 2;
    const shown = resample(image, { ...canvas, step, originX: origin, originY: origin });
    const input = this.#session.inputs[0]!.name;
    const results = await this.#session.run({
      [input]: floatTensor(toPlanes(shown, this.#family), [1, 3, canvas.height, canvas.width]),
    });
    const outputs = this.#session.outputs.map(({ name }) => ({ name, data: floatData(results[name], name) }));
    const faces = suppress(this.#family.decode(outputs, canvas, this.#scoreThreshold), SUPPRESSION_OVERLAP);
    return faces
      .flatMap(({ score, box, landmarks }) => {
        const { x, y, width, height } = box;
        const scaled = { x: x * step, y: y * step, width: width * step, height: height * step };
        const clipped = clipBox(scaled, image.width, image.height);
        if (!clipped || Math.min(clipped.width, clipped.height) < this.#minFaceSize) return [];
        const marks = landmarks && { landmarks: landmarks.map((p) => ({ x: p.x * step, y: p.y * step })) };
        return [{ score, box: clipped, ...marks }];
      })
      .slice(0, MAX_FACES);
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  /** The whole picture in the top-left corner of the canvas, its proportions kept. */
  #canvasFor({ width, height }: RgbImage): { canvas: Canvas; step: number } {
    if (this.#fixed) {
      return { canvas: this.#fixed, step: Math.max(width / this.#fixed.width, height / this.#fixed.height) };
    }
    const step = Math.max(width, height) / this.#inputSize;
    const side = (length: number) => Math.ceil(Math.ceil(length / step) / CANVAS_STEP) * CANVAS_STEP;
    return { canvas: { width: side(width), height: side(height) }, step };
  }
}

interface Settings {
  readonly fixed: Canvas | null;
  readonly options: DetectorOptions;
}

/** Interleaved 8-bit RGB to planar float32 in the family's order. */
function toPlanes({ width, height, data }: RgbImage, { channels, mean, scale }: GridFamily): Float32Array {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    const source = channels === 'rgb' ? channel : 2 - channel;
    for (let pixel = 0, at = source; pixel < area; pixel++, at += 3)
      planes[channel * area + pixel] = (data[at]! - mean) * scale;
  }
  return planes;
}

function fixedSides({ graph }: OnnxModel): Canvas {
  const [, channels, height, width] = graph.inputs[0]?.shape ?? [];
  const fits = (side: unknown): side is number => typeof side === 'number' && side > 0 && side % CANVAS_STEP === 0;
  if (channels === 3 && fits(height) && fits(width)) return { width, height };
  throw new SafaceError(
    'unsupported',
    `The detector takes [${graph.inputs[0]?.shape?.join(', ') ?? '?'}], not pictures [1, 3, H, W] with sides that 32 divides`,
    'Export it with an input such as [1, 3, 640, 640].',
  );
}

/** The same network for pictures of any size: nothing but the declared shapes says otherwise. Null when it is no picture network. */
function withOpenSides(model: OnnxModel): OnnxModel | null {
  const [input, ...others] = model.graph.inputs;
  if (input?.shape?.length !== 4 || others.length > 0) return null;
  const { graph } = model;
  const outputs = graph.outputs.map(({ name, type }) => ({ name, type }));
  const inputs = [{ ...input, shape: [1, 3, 'height', 'width'] }];
  return { ...model, graph: { ...graph, inputs, outputs, values: [] } };
}

/** Whether a network whose file fixed the size takes others too: sizes may also be written into its operators. */
async function runsAtAnySize(session: OrtSession): Promise<boolean> {
  const sides = { width: 96, height: 64 };
  const cells = gridStrides.map((stride) => (sides.width / stride) * (sides.height / stride));
  try {
    const input = floatTensor(new Float32Array(3 * sides.width * sides.height), [1, 3, sides.height, sides.width]);
    const results = await session.run({ [session.inputs[0]!.name]: input });
    return Object.values(results).every(({ dims }) =>
      cells.some((count) => dims.some((dim) => dim > 0 && dim % count === 0)),
    );
  } catch (error) {
    if (error instanceof SafaceError) return false;
    throw error;
  }
}
