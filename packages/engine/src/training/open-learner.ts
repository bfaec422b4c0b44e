import { SafaceError } from '@saface/core';
import { inferShapes } from '../onnx/infer.ts';
import { decodeModel, type OnnxModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import { formatShape } from '../onnx/shape.ts';
import { type Parameter, trainableParameters } from './parameters.ts';
import { checkWeights } from './trainer-checks.ts';
import { OWN_NAMES } from './training-graph.ts';

export interface LearnerSource {
  /** The learner as an ONNX file: features [N, ...] in, embeddings [N, D] out. */
  readonly learner: Uint8Array;
}

/** A learner that is ready to be differentiated, in normal form. */
export interface OpenLearner {
  readonly model: OnnxModel;
  readonly parameters: readonly Parameter[];
  readonly input: string;
  readonly output: string;
  readonly featureShape: readonly number[];
  /** D */
  readonly dimension: number;
}

/**
 * @throws SafaceError 'integrity' for bytes that are no ONNX model, 'unsupported' for a model that is no learner,
 * 'invalid-input' that names a weight that is not a number
 */
export function openLearner({ learner }: LearnerSource): OpenLearner {
  const model = normalizeModel(decodeModel(learner));
  // Of these only the shape is known, because the file describes it.
  const [unruled] = model.graph.values;
  if (unruled) {
    const node = model.graph.nodes.find(({ outputs }) => outputs.includes(unruled.name))!;
    throw new SafaceError(
      'unsupported',
      `${node.type} (makes "${unruled.name}") cannot be trained through in this form`,
      'Cut the model behind it.',
    );
  }
  refuseOwnNames(model);
  const [input] = model.graph.inputs;
  const [output] = model.graph.outputs;
  const [, ...featureShape] = input!.shape!;
  const shape = inferShapes(model.graph).get(output!.name) ?? [];
  const dimension = shape[1];
  if (shape.length !== 2 || typeof shape[0] !== 'string' || typeof dimension !== 'number') {
    throw new SafaceError(
      'unsupported',
      `The learner's output is ${formatShape(shape)}, not one embedding for each sample`,
      'Export the recogniser so that its output is [N, D].',
    );
  }
  const parameters = trainableParameters(model);
  checkWeights(parameters, new Map(parameters.map(({ name, data }) => [name, data])));
  return {
    model,
    parameters,
    input: input!.name,
    output: output!.name,
    featureShape: featureShape as number[],
    dimension,
  };
}

/** The training graphs put tensors beside the learner's; no other name can be one of theirs. */
function refuseOwnNames({ graph }: OnnxModel): void {
  const names = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
  const taken = names.find((name) => name.startsWith(OWN_NAMES));
  if (taken === undefined) return;
  throw new SafaceError(
    'unsupported',
    `The model calls a tensor "${taken}", and names that begin with "${OWN_NAMES}" are kept for training`,
    'Export the model with another name for it.',
  );
}
