import { allFinite, SafaceError, TrainingDivergedError, type TrainingHyperParameters } from '@saface/core';
import { elementCount } from '../onnx/tensor.ts';
import type { Parameter } from './parameters.ts';

/**
 * Number of samples in `features`, which must be a positive multiple of `multiple`.
 * @throws SafaceError 'invalid-input'
 */
export function checkFeatures(features: Float32Array, featureShape: readonly number[], multiple: number): number {
  const size = elementCount(featureShape);
  const samples = features.length / size;
  if (samples > 0 && Number.isInteger(samples / multiple)) return samples;
  throw new SafaceError(
    'invalid-input',
    `${features.length} feature values are not whole samples of ${size} (${featureShape.join('x')})${multiple > 1 ? ` in groups of ${multiple}` : ''}`,
    "Pass features that this learner's own extractor made.",
  );
}

/**
 * Refuses features that a broken extractor or a damaged cache made: learning from them would spoil every weight.
 * @throws SafaceError 'invalid-input' that says where
 */
export function checkFinite(features: Float32Array, featureShape: readonly number[]): void {
  if (allFinite(features)) return;
  const at = features.findIndex((value) => !Number.isFinite(value));
  throw new SafaceError(
    'invalid-input',
    `Feature ${at % elementCount(featureShape)} of sample ${Math.floor(at / elementCount(featureShape))} is not a number (${features[at]})`,
    'No weight was changed. Extract the features of this sample again.',
  );
}

/**
 * Number of samples in `features`, each with its target.
 * @throws SafaceError 'invalid-input'
 */
export function checkApproach(
  features: Float32Array,
  targets: Float32Array,
  { featureShape, dimension }: { readonly featureShape: readonly number[]; readonly dimension: number },
): number {
  const samples = checkFeatures(features, featureShape, 1);
  checkFinite(features, featureShape);
  if (targets.length === samples * dimension && allFinite(targets)) return samples;
  throw new SafaceError(
    'invalid-input',
    `${targets.length} values are not ${samples} targets of ${dimension} finite numbers`,
    'Pass one place for each sample, as long as an embedding.',
  );
}

/** @throws SafaceError 'internal' */
export function refuseClosed(disposed: boolean): void {
  if (disposed)
    throw new SafaceError('internal', 'The trainer is used after it was closed', 'Report this as a defect.');
}

/** @throws SafaceError 'invalid-input' that names the value */
export function checkHyperParameters(values: TrainingHyperParameters): void {
  const limits = { learningRate: Infinity, momentum: 1, weightDecay: Infinity, basePull: Infinity, margin: Infinity };
  for (const [name, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
    const value = values[name];
    if (Number.isFinite(value) && value >= 0 && value <= limit) continue;
    throw new SafaceError(
      'invalid-input',
      `${name} is ${value}`,
      `Choose a number from 0${limit === 1 ? ' to 1' : ' on'}.`,
    );
  }
}

/** @throws SafaceError 'invalid-input' when a weight is missing, unknown, of another size or not finite */
export function checkWeights(parameters: readonly Parameter[], weights: ReadonlyMap<string, Float32Array>): void {
  const refuse = (message: string) =>
    new SafaceError('invalid-input', message, 'Load weights that a trainer of the same learner returned.');
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of weights.keys()) if (!known.has(name)) throw refuse(`The learner has no weight "${name}"`);
  for (const { name, data } of parameters) {
    const given = weights.get(name);
    if (!given) throw refuse(`The weight "${name}" is missing`);
    if (given.length !== data.length)
      throw refuse(`The weight "${name}" has ${given.length} values, not ${data.length}`);
    if (!allFinite(given)) throw refuse(`The weight "${name}" has values that are not finite`);
  }
}

/** What a trainer throws when a number stops being one. */
export function diverged(why: string): TrainingDivergedError {
  return new TrainingDivergedError(why);
}
