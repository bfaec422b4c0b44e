import { type Extractor, type InputSpec, type RgbImage, SafaceError } from '@saface/core';
import { runInBatches } from '../runtime/batches.ts';
import { OrtSession, type SessionOptions } from '../runtime/session.ts';
import { fixedShape } from './ort-learner.ts';

export interface ExtractorOptions extends SessionOptions {
  readonly input: InputSpec;
  /** Most crops in one run; default 32. */
  readonly maxBatch?: number;
}

/** The scenario-shared part of a recogniser on ONNX Runtime: aligned crops in, features at the cut out. */
export async function createOrtExtractor(model: Uint8Array | string, options: ExtractorOptions): Promise<Extractor> {
  const { input, maxBatch = 32 } = options;
  const session = await OrtSession.create(model, options);
  const sampleShape = fixedShape(session.inputs[0]?.shape, 'input');
  const featureShape = fixedShape(session.outputs[0]?.shape, 'output');
  if (sampleShape.join() !== [3, input.size, input.size].join()) {
    await session.dispose();
    throw new SafaceError(
      'invalid-input',
      `The extractor takes [${sampleShape.join(', ')}], not ${input.size}x${input.size} crops`,
      "Set the recogniser's input size to that of its model.",
    );
  }
  const tables = pixelTables(input);
  return {
    input,
    featureShape,
    async extract(crops) {
      for (const crop of crops) checkCrop(crop, input.size);
      const samples = (start: number, end: number) => packCrops(crops.slice(start, end), input, tables);
      return runInBatches(session, { sampleShape, maxBatch, count: crops.length, samples });
    },
    dispose: () => session.dispose(),
  };
}

/** (value - mean) * scale for each of the 256 pixel values, by channel in the model's order. */
function pixelTables({ mean, scale }: InputSpec): Float32Array[] {
  return mean.map((shift, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value - shift) * scale[channel]!),
  );
}

/** Interleaved 8-bit RGB to planar float32, channel after channel in the model's order. */
function packCrops(
  crops: readonly RgbImage[],
  { size, channels }: InputSpec,
  tables: readonly Float32Array[],
): Float32Array {
  const area = size * size;
  const packed = new Float32Array(crops.length * 3 * area);
  crops.forEach(({ data }, index) => {
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      const source = channels === 'rgb' ? channel : 2 - channel;
      const offset = (index * 3 + channel) * area;
      for (let pixel = 0; pixel < area; pixel++) packed[offset + pixel] = table[data[pixel * 3 + source]!]!;
    }
  });
  return packed;
}

function checkCrop({ width, height, data }: RgbImage, size: number): void {
  if (width === size && height === size && data.length === size * size * 3) return;
  throw new SafaceError(
    'invalid-input',
    `A crop is ${width}x${height} with ${data.length} bytes, not ${size}x${size} RGB`,
    "Align faces to the recogniser's input size first.",
  );
}
