import { SafaceError } from '@saface/core';
import { isBranchWeight } from '../onnx/condition-branch.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { encodeModel } from '../onnx/model.ts';
import { operatorRule } from '../onnx/ops/index.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';

/** A weight of the learner that training changes. */
export interface Parameter {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/**
 * The float32 constants that stand where an operator's rule says "weight", and nowhere else.
 * @throws SafaceError 'unsupported' when the learner has none
 */
export function trainableParameters({ graph }: OnnxModel): Parameter[] {
  const elsewhere = new Set<string>();
  const found = new Map<string, Parameter>();
  for (const node of graph.nodes) {
    const trainable = operatorRule(node).trainable ?? [];
    node.inputs.forEach((name, index) => {
      const tensor = graph.initializers.get(name);
      if (!tensor) return;
      if ((trainable.includes(index) || isBranchWeight(name)) && tensor.data instanceof Float32Array)
        found.set(name, { name, dims: tensor.dims, data: tensor.data });
      else elsewhere.add(name);
    });
  }
  const parameters = [...found.values()].filter(({ name }) => !elsewhere.has(name));
  if (parameters.every(({ name }) => isBranchWeight(name))) {
    throw new SafaceError(
      'unsupported',
      'The learner has no weights to train',
      'Cut the model earlier, or export it with float32 weights.',
    );
  }
  return parameters;
}

/** The learner as an ONNX file with other values for its parameters. */
export function encodeWithWeights(learner: OnnxModel, weights: ReadonlyMap<string, Float32Array>): Uint8Array {
  const initializers = new Map<string, OnnxTensor>(learner.graph.initializers);
  for (const [name, data] of weights) initializers.set(name, { ...initializers.get(name)!, data });
  return encodeModel({ ...learner, graph: { ...learner.graph, initializers } });
}
