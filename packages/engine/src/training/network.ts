import { type Extractor, type InputSpec, type Learner, type RgbImage, SafaceError } from '@saface/core';
import { elementCount } from '../onnx/tensor.ts';
import { runInBatches } from '../runtime/batches.ts';
import { checkCrop, packCrops } from './crops.ts';
import { checkFeatures } from './trainer-checks.ts';

/** A model file as an engine runs it: one tensor in, one out, the batch axis first and open. */
export interface Network {
  readonly inputShape: readonly (number | string)[] | undefined;
  readonly outputShape: readonly (number | string)[] | undefined;
  /** @param values samples one after another, `count` of them */
  run(values: Float32Array, count: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * The scenario-shared part of a recogniser: aligned crops in, features at the cut out. What is refused and how crops are
 * packed is the same on every engine.
 * @throws SafaceError 'invalid-input' when the network takes other crops; the network is closed then
 */
export async function extractorOf(
  network: Network,
  { input, maxBatch = 32 }: { input: InputSpec; maxBatch?: number },
): Promise<Extractor> {
  const sampleShape = await orClose(network, () => fixedShape(network.inputShape, 'input'));
  const featureShape = await orClose(network, () => fixedShape(network.outputShape, 'output'));
  if (sampleShape.join() !== [3, input.size, input.size].join()) {
    await network.dispose();
    throw new SafaceError(
      'invalid-input',
      `The extractor takes [${sampleShape.join(', ')}], not ${input.size}x${input.size} crops`,
      "Set the recogniser's input size to that of its model.",
    );
  }
  const sampleSize = elementCount(sampleShape);
  // Fresh memory for every batch costs more than filling it, so there is one buffer, and one batch at a time.
  let buffer = new Float32Array(0);
  let last: Promise<unknown> = Promise.resolve();
  const runPacked = async (batch: readonly RgbImage[]) => {
    if (buffer.length < batch.length * sampleSize) buffer = new Float32Array(batch.length * sampleSize);
    packCrops(batch, input, buffer);
    return network.run(buffer.subarray(0, batch.length * sampleSize), batch.length);
  };
  return {
    input,
    featureShape,
    async extract(crops) {
      for (const crop of crops) checkCrop(crop, input.size);
      const run = (start: number, end: number) => {
        const turn = last.then(() => runPacked(crops.slice(start, end)));
        last = turn.catch(() => undefined);
        return turn;
      };
      return runInBatches({ maxBatch, count: crops.length, run });
    },
    dispose: () => network.dispose(),
  };
}

/**
 * A learner as it serves: features at the cut in, embeddings out, not normalised.
 * @throws SafaceError 'unsupported' when the network makes no embeddings; the network is closed then
 */
export async function learnerOf(network: Network, { maxBatch = 64 }: { maxBatch?: number }): Promise<Learner> {
  const featureShape = await orClose(network, () => fixedShape(network.inputShape, 'input'));
  const [dimension, ...more] = await orClose(network, () => fixedShape(network.outputShape, 'output'));
  if (dimension === undefined || more.length > 0) {
    await network.dispose();
    throw new SafaceError(
      'unsupported',
      "The learner's output is not one embedding for each sample",
      'Use a learner that SaFace cut or trained.',
    );
  }
  const size = elementCount(featureShape);
  return {
    featureShape,
    dimension,
    async embed(features) {
      if (features.length === 0) return new Float32Array(0);
      const count = checkFeatures(features, featureShape, 1);
      const run = (start: number, end: number) => network.run(features.subarray(start * size, end * size), end - start);
      return runInBatches({ maxBatch, count, run });
    },
    dispose: () => network.dispose(),
  };
}

async function orClose<T>(network: Network, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    await network.dispose();
    throw error;
  }
}

/** Sizes after the batch axis; the batch itself must be open. */
function fixedShape(shape: readonly (number | string)[] | undefined, side: string): number[] {
  const [batch, ...rest] = shape ?? [];
  if (typeof batch === 'string' && rest.every((dim) => typeof dim === 'number')) return rest;
  throw new SafaceError(
    'unsupported',
    `The model's ${side} is [${shape?.join(', ')}]: only its batch may be open, and must be`,
    'Import the model with SaFace, which opens its batch.',
  );
}
