import type { EmbeddingMap } from '@saface/core';
import { addedByBranch, isOfBranch } from '../onnx/condition-branch.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import type { Parameter } from './parameters.ts';

/** The last layer of a learner, where it is linear and can be trained: embedding = features x weight + bias. */
interface Readout {
  readonly weight: string;
  /** Outputs are the weight's columns (MatMul), or its rows (Conv, transposed Gemm). */
  readonly outputs: 'columns' | 'rows';
  readonly bias: string | null;
  /** D */
  readonly size: number;
  /** Whether embeddings are brought to one length afterwards: an offset then has no length to be measured in. */
  readonly normalised: boolean;
}

/** Operators that hand the embedding through, or only change its length. */
const passing = new Set(['Reshape', 'Flatten', 'Squeeze', 'Identity', 'Dropout', 'LpNormalization']);

/**
 * Weights under which every embedding e becomes e M + b, by changing the last layer alone; of a learner that ends by making
 * embeddings one long, e M of that length.
 * @returns null where the learner does not end in a linear layer whose weights are trained, or an offset cannot be added
 */
export function projectReadout(
  { graph }: OnnxModel,
  parameters: readonly Parameter[],
  { weights, map }: { weights: ReadonlyMap<string, Float32Array>; map: EmbeddingMap },
): Map<string, Float32Array> | null {
  const readout = findReadout(graph, new Map(parameters.map((parameter) => [parameter.name, parameter])));
  const { matrix, offset } = map;
  const size = Math.sqrt(matrix.length);
  if (!readout || readout.size !== size) return null;
  if (offset && (readout.bias === null || readout.normalised)) return null;
  const changed = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  const old = weights.get(readout.weight)!;
  const inputs = old.length / size;
  const at = (i: number, d: number) => (readout.outputs === 'columns' ? i * size + d : d * inputs + i);
  const column = new Float64Array(size);
  const project = (from: Float32Array, to: Float32Array, index: (d: number) => number, start: Float64Array | null) => {
    column.fill(0);
    if (start) column.set(start);
    for (let k = 0; k < size; k++) {
      const value = from[index(k)]!;
      for (let d = 0; d < size; d++) column[d]! += value * matrix[k * size + d]!;
    }
    for (let d = 0; d < size; d++) to[index(d)] = column[d]!;
  };
  for (let i = 0; i < inputs; i++) project(old, changed.get(readout.weight)!, (d) => at(i, d), null);
  for (const name of addedByBranch) {
    const added = weights.get(name);
    for (let row = 0; row < (added?.length ?? 0); row += size)
      project(added!, changed.get(name)!, (d) => row + d, null);
  }
  if (readout.bias !== null) project(weights.get(readout.bias)!, changed.get(readout.bias)!, (d) => d, offset);
  return changed;
}

function findReadout(
  { nodes, outputs, initializers }: OnnxModel['graph'],
  parameters: ReadonlyMap<string, Parameter>,
): Readout | null {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(outputs[0]!.name);
  let normalised = false;
  while (node && (passing.has(node.type) || isOfBranch(node))) {
    normalised ||= node.type === 'LpNormalization';
    node = producers.get(node.inputs[0]!);
  }
  const added = node?.type === 'Add' ? node.inputs.find((name) => initializers.has(name)) : undefined;
  if (node && added !== undefined) {
    node = producers.get(node.inputs.find((name) => name !== added)!);
    if (node?.type !== 'MatMul' || !parameters.has(added)) return null;
  }
  const layer = node ? readoutOf(node, parameters) : null;
  if (!layer) return null;
  const readout = { ...layer, bias: added ?? layer.bias, normalised };
  // Weights that are used elsewhere as well would change more than the last layer.
  const uses = (name: string) => nodes.flatMap(({ inputs }) => inputs).filter((input) => input === name).length;
  return [readout.weight, readout.bias].every((name) => name === null || uses(name) === 1) ? readout : null;
}

function readoutOf(
  { type, inputs, attributes }: OnnxNode,
  parameters: ReadonlyMap<string, Parameter>,
): Omit<Readout, 'normalised'> | null {
  const weight = inputs[1] ?? '';
  const bias = inputs[2] || null;
  const dims = parameters.get(weight)?.dims;
  if (!dims || (bias !== null && !parameters.has(bias))) return null;
  const number = (name: string, otherwise: number) => {
    const attribute = attributes[name];
    return attribute?.kind === 'int' || attribute?.kind === 'float' ? Number(attribute.value) : otherwise;
  };
  if (type === 'MatMul' && dims.length === 2) return { weight, outputs: 'columns', bias: null, size: dims[1]! };
  if (type === 'Conv' && number('group', 1) === 1) return { weight, outputs: 'rows', bias, size: dims[0]! };
  if (type !== 'Gemm' || number('transA', 0) !== 0) return null;
  // Each is a factor of its own; a model that uses them is rare, and left alone.
  if (number('alpha', 1) !== 1 || (bias !== null && number('beta', 1) !== 1)) return null;
  return number('transB', 0) === 1
    ? { weight, outputs: 'rows', bias, size: dims[0]! }
    : { weight, outputs: 'columns', bias, size: dims[1]! };
}
