import { SafaceError } from '@saface/core';
import { elementCount } from '../onnx/tensor.ts';
import type { ClassificationState, ClassificationStep } from './classification-trainer.ts';
import type { Classifier } from './classifier.ts';

/**
 * Number of pictures in `images`.
 * @throws SafaceError 'invalid-input' when they are none, not whole, or not as many as the labels, or a label is no class
 */
export function checkSamples(
  { sampleShape, classes }: Pick<Classifier, 'sampleShape' | 'classes'>,
  images: Float32Array,
  labels?: ArrayLike<number>,
): number {
  const size = elementCount(sampleShape);
  const count = images.length / size;
  const refuse = (what: string) =>
    new SafaceError(
      'invalid-input',
      what,
      `Pass whole pictures of ${sampleShape.join('x')} values, each with its class.`,
    );
  if (count === 0 || !Number.isInteger(count)) throw refuse(`${images.length} values are no whole pictures`);
  if (!labels) return count;
  if (labels.length !== count) throw refuse(`There are ${labels.length} labels for ${count} pictures`);
  const wrong = Array.from(labels).find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong !== undefined) throw refuse(`Label ${wrong} is none of the ${classes} classes`);
  return count;
}

/** @throws SafaceError 'invalid-input' that names the setting */
export function checkSettings(settings: ClassificationStep): void {
  const limits = { learningRate: 1e6, momentum: 1, weightDecay: 1, scale: 1e4, margin: 4, clip: 1e30 };
  for (const [name, limit] of Object.entries(limits) as [keyof ClassificationStep, number][]) {
    const value = settings[name];
    if (value >= 0 && value <= limit) continue;
    throw new SafaceError('invalid-input', `${name} is ${value}`, `Choose a number from 0 to ${limit}.`);
  }
}

/** @throws SafaceError 'invalid-input' when anything is missing, of another size or not finite */
export function checkState({ parameters, statistics, model }: Classifier, state: ClassificationState): void {
  const refuse = (what: string) =>
    new SafaceError('invalid-input', what, 'Load the state that a trainer of the same network and people returned.');
  const check = (values: ReadonlyMap<string, Float32Array>, name: string, length: number) => {
    const given = values.get(name);
    if (!given) throw refuse(`"${name}" is missing`);
    if (given.length !== length) throw refuse(`"${name}" has ${given.length} values, not ${length}`);
    if (!given.every(Number.isFinite)) throw refuse(`"${name}" has values that are not finite`);
  };
  for (const { name, data } of parameters) {
    check(state.values, name, data.length);
    check(state.velocities, name, data.length);
  }
  for (const { mean, variance } of statistics)
    for (const name of [mean, variance]) check(state.values, name, model.graph.initializers.get(name)!.data.length);
}
