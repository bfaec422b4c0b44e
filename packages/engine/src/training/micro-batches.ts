import { inferShapes } from '../onnx/infer.ts';
import type { OnnxModel } from '../onnx/model.ts';

/** Bytes of layer outputs and their gradients that one training call may hold, unless a trainer is told otherwise. */
export const DEFAULT_ACTIVATION_BYTES = 2 ** 30;

/**
 * Triplets that fit into `bytes` in one forward and backward pass through a learner; at least one. An estimate: the runtime gives
 * some tensors the place of others, and unrolls images for some convolutions.
 */
export function tripletsAtOnce({ graph }: OnnxModel, bytes: number): number {
  const shapes = inferShapes(graph);
  const perSample = graph.nodes
    .flatMap(({ outputs }) => outputs)
    .reduce((sum, name) => {
      const [batch, ...rest] = shapes.get(name) ?? [];
      return typeof batch === 'string' ? sum + rest.reduce<number>((product, size) => product * Number(size), 1) : sum;
    }, 0);
  // The backward pass writes about as much again while it reads what the forward pass wrote.
  return Math.max(1, Math.floor(bytes / (3 * perSample * Float32Array.BYTES_PER_ELEMENT * 2)));
}

/**
 * A batch of triplets in parts of nearly equal length, none longer than `most`: anchors, positives and negatives of each, in the order
 * of `Trainer.step`.
 */
export function microBatches(features: Float32Array, sampleSize: number, most: number): Float32Array[] {
  const triplets = features.length / (3 * sampleSize);
  const count = Math.ceil(triplets / most);
  if (count <= 1) return [features];
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.round((edge * triplets) / count)) as [number, number];
    return pickTriplets(
      features,
      sampleSize,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
  });
}

/** Some triplets of a batch, in its order of roles: anchors, positives, negatives. */
export function pickTriplets(features: Float32Array, sampleSize: number, picked: readonly number[]): Float32Array {
  const triplets = features.length / (3 * sampleSize);
  const own = new Float32Array(3 * picked.length * sampleSize);
  for (const role of [0, 1, 2])
    picked.forEach((triplet, i) => {
      const from = (role * triplets + triplet) * sampleSize;
      own.set(features.subarray(from, from + sampleSize), (role * picked.length + i) * sampleSize);
    });
  return own;
}
