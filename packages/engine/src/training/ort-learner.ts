import { type Learner, SafaceError } from '@saface/core';
import { elementCount } from '../onnx/tensor.ts';
import { runInBatches } from '../runtime/batches.ts';
import { OrtSession, type SessionOptions } from '../runtime/session.ts';
import { checkFeatures } from './trainer-checks.ts';

export interface LearnerOptions extends SessionOptions {
  /** Most samples in one run; default 64. */
  readonly maxBatch?: number;
}

/** Serves a learner file: features at the cut in, embeddings out, not normalised. */
export async function createOrtLearner(model: Uint8Array | string, options: LearnerOptions = {}): Promise<Learner> {
  const session = await OrtSession.create(model, options);
  const featureShape = fixedShape(session.inputs[0]?.shape, 'input');
  const [dimension, ...more] = fixedShape(session.outputs[0]?.shape, 'output');
  if (dimension === undefined || more.length > 0) {
    await session.dispose();
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
      const samples = (start: number, end: number) => features.subarray(start * size, end * size);
      return runInBatches(session, { sampleShape: featureShape, maxBatch: options.maxBatch ?? 64, count, samples });
    },
    dispose: () => session.dispose(),
  };
}

/** Sizes after the batch axis; the batch itself must be open. */
export function fixedShape(shape: readonly (number | string)[] | undefined, side: string): number[] {
  const [batch, ...rest] = shape ?? [];
  if (typeof batch === 'string' && rest.every((dim) => typeof dim === 'number')) return rest;
  throw new SafaceError(
    'unsupported',
    `The model's ${side} is [${shape?.join(', ')}]: only its batch may be open, and must be`,
    'Import the model with SaFace, which opens its batch.',
  );
}
