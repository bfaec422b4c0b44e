import { createRandom, SafaceError } from '@saface/core';
import { inferShapes } from '../onnx/infer.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { formatShape, type Shape } from '../onnx/shape.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';
import { type Parameter, trainableParameters } from '../training/parameters.ts';

/** A weight with what weight decay does to it: it pulls at directions, not at biases, slopes and scales. */
export interface ClassifierParameter extends Parameter {
  readonly decays: boolean;
}

/** The running mean and variance of one BatchNormalization, by the names of its inputs. */
export interface Statistics {
  readonly node: OnnxNode;
  readonly mean: string;
  readonly variance: string;
}

/** A recogniser and the class directions on top of it, ready to be differentiated. */
export interface Classifier {
  readonly model: OnnxModel;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly input: string;
  readonly output: string;
  /** Of one picture: [3, S, S]. */
  readonly sampleShape: readonly number[];
  /** Length of an embedding. */
  readonly dimension: number;
  readonly classes: number;
  /** The recogniser's weights, then `classDirections`. */
  readonly parameters: readonly ClassifierParameter[];
  readonly statistics: readonly Statistics[];
}

/** Name of the [classes, dimension] weight that pre-training throws away at its end. */
export const classDirections = '/classes';

/** Share of the old running statistics that one step keeps. */
export const statisticsMomentum = 0.9;

/**
 * @param model a network as `buildBackbone` makes it
 * @throws SafaceError 'invalid-input' for fewer than two classes, 'unsupported' for a model that is no recogniser
 */
export function openClassifier(model: OnnxModel, { classes, seed }: { classes: number; seed: number }): Classifier {
  if (!Number.isInteger(classes) || classes < 2)
    throw new SafaceError(
      'invalid-input',
      `A classifier of ${classes} people cannot be trained`,
      'Give pictures of at least two people.',
    );
  const shapes = inferShapes(model.graph);
  const [input] = model.graph.inputs;
  const [output] = model.graph.outputs;
  const shape = shapes.get(output?.name ?? '') ?? [];
  const dimension = shape[1];
  if (!input?.shape || shape.length !== 2 || typeof dimension !== 'number')
    throw new SafaceError(
      'unsupported',
      `The network's output is ${formatShape(shape)}, not one embedding for each picture`,
      'Build it with buildBackbone.',
    );
  const statistics = model.graph.nodes
    .filter(({ type }) => type === 'BatchNormalization')
    .map((node) => ({ node, mean: node.inputs[3]!, variance: node.inputs[4]! }));
  const affine = statistics.flatMap(({ node }) => node.inputs.slice(1, 3));
  const directions: ClassifierParameter = {
    name: classDirections,
    dims: [classes, dimension],
    data: noise(classes * dimension, seed),
    decays: true,
  };
  return {
    model,
    shapes,
    input: input.name,
    output: output!.name,
    sampleShape: input.shape.slice(1).map(Number),
    dimension,
    classes,
    parameters: [
      ...trainableParameters(model).map((parameter) => ({ ...parameter, decays: isMatrix(parameter) })),
      ...affine.map((name) => parameterOf(model.graph.initializers.get(name)!)),
      directions,
    ],
    statistics,
  };
}

/** The recogniser with these weights and running statistics, without the class directions. */
export function withValues(model: OnnxModel, values: ReadonlyMap<string, Float32Array>): OnnxModel {
  const initializers = new Map<string, OnnxTensor>(model.graph.initializers);
  for (const [name, tensor] of initializers) {
    const data = values.get(name);
    if (data) initializers.set(name, { ...tensor, data });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Kernels and matrices, but not [C, 1, 1] slopes. */
function isMatrix({ dims }: Parameter): boolean {
  return dims.length === 2 || dims.length === 4;
}

function parameterOf({ name, dims, data }: OnnxTensor): ClassifierParameter {
  return { name, dims, data: data as Float32Array, decays: false };
}

function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed ^ 0x5eed);
  return Float32Array.from({ length }, () => 0.1 * (random() + random() + random() - 1.5));
}
