import type { OnnxGraph, OnnxNode } from './model.ts';
import type { OnnxData, OnnxTensor } from './tensor.ts';

/**
 * Multiplies a BatchNormalization that directly follows a Conv, or a Gemm as PyTorch writes a Linear, into its weights and bias.
 * The function stays the same; training then has one operator less to go through, and the weights it changes are the ones that serve.
 */
export function foldBatchNormalization(graph: OnnxGraph): OnnxGraph {
  const initializers = new Map(graph.initializers);
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const replaced = new Map<OnnxNode, OnnxNode | undefined>();
  for (const node of graph.nodes) {
    const before = node.type === 'BatchNormalization' ? producers.get(node.inputs[0]!) : undefined;
    if (!before || !hasFilters(before) || uses.get(node.inputs[0]!) !== 1) continue;
    const folded = fold(before, node, initializers);
    // Weights that two layers share must not be changed for one of them.
    if (!folded || uses.get(before.inputs[1]!) !== 1) continue;
    for (const tensor of folded.tensors) initializers.set(tensor.name, tensor);
    replaced.set(before, folded.node);
    replaced.set(node, undefined);
  }
  const nodes = graph.nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : node));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return { ...graph, nodes, initializers: new Map([...initializers].filter(([name]) => used.has(name))) };
}

/** Whether a node's weights are one filter after the other, and nothing else scales its output. */
function hasFilters({ type, attributes }: OnnxNode): boolean {
  const is = (name: string, value: number, otherwise: number) => {
    const attribute = attributes[name];
    return (attribute?.kind === 'int' || attribute?.kind === 'float' ? attribute.value : otherwise) === value;
  };
  if (type === 'Gemm') return is('transB', 1, 0) && is('transA', 0, 0) && is('alpha', 1, 1) && is('beta', 1, 1);
  return type === 'Conv';
}

function fold(
  conv: OnnxNode,
  norm: OnnxNode,
  constants: ReadonlyMap<string, OnnxTensor>,
): { node: OnnxNode; tensors: OnnxTensor[] } | undefined {
  const weights = constants.get(conv.inputs[1]!);
  const oldBias = constants.get(conv.inputs[2] ?? '');
  const [scale, shift, mean, variance] = norm.inputs.slice(1).map((name) => constants.get(name)?.data);
  if (!weights || !scale || !shift || !mean || !variance || (conv.inputs[2] && !oldBias)) return undefined;
  if (oldBias && oldBias.data.length !== weights.dims[0]) return undefined;
  const epsilon = norm.attributes.epsilon?.kind === 'float' ? norm.attributes.epsilon.value : 1e-5;
  const value = (data: OnnxData, index: number) => Number(data[index]);
  const filters = weights.dims[0]!;
  const each = weights.data.length / filters;
  const factors = Float64Array.from(
    { length: filters },
    (_, index) => value(scale, index) / Math.sqrt(value(variance, index) + epsilon),
  );
  const data = Float32Array.from(
    weights.data as Float32Array,
    (weight, index) => weight * factors[Math.floor(index / each)]!,
  );
  const bias = Float32Array.from(
    factors,
    (factor, index) => ((oldBias ? value(oldBias.data, index) : 0) - value(mean, index)) * factor + value(shift, index),
  );
  // Never the old name: exporters share equal biases, and another layer may go on using it.
  const biasName = `${norm.outputs[0]}/bias`;
  return {
    node: { ...conv, inputs: [conv.inputs[0]!, conv.inputs[1]!, biasName], outputs: norm.outputs },
    tensors: [
      { ...weights, data },
      { name: biasName, type: 'float32', dims: [filters], data: bias },
    ],
  };
}
