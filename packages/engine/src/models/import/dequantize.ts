import { SafaceError } from '@saface/core';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../../onnx/model.ts';
import { elementCount, type OnnxElementType, type OnnxTensor } from '../../onnx/tensor.ts';

/** Operators that compute with integers themselves; what the network was before cannot be read out of them. */
const integerOperators = /^(QLinear|ConvInteger|MatMulInteger|DynamicQuantizeLinear)/;

/**
 * A network quantised in the QDQ form (QuantizeLinear and DequantizeLinear around ordinary operators) as the network it stands
 * for: weights become the float32 numbers that the integers mean, and values are no longer rounded on the way, only held in the
 * range of the integers, which quantisers rely on to leave out a Relu. It can be trained then. Others come back as they are.
 * @throws SafaceError 'unsupported' that names what computes with integers
 */
export function dequantize(model: OnnxModel): { model: OnnxModel; notes: string[] } {
  const { graph } = model;
  const integer = graph.nodes.find(({ type }) => integerOperators.test(type));
  if (integer) throw usesIntegers(`operator "${integer.type}"`);
  if (!graph.nodes.some(({ type }) => type === 'DequantizeLinear')) return { model, notes: [] };
  const constants = new Map(graph.initializers);
  for (const { type, attributes, outputs } of graph.nodes) {
    if (type === 'Constant' && attributes.value?.kind === 'tensor')
      constants.set(outputs[0]!, { ...attributes.value.value, name: outputs[0]! });
  }
  const quantizers = new Map(
    graph.nodes.filter(({ type }) => type === 'QuantizeLinear').map((node) => [node.outputs[0]!, node] as const),
  );
  refuseOtherUses(graph, quantizers);
  const nodes = graph.nodes.flatMap((node): OnnxNode[] => {
    if (node.type === 'QuantizeLinear' || (node.type === 'Constant' && constants.has(node.outputs[0]!))) return [];
    if (node.type !== 'DequantizeLinear') return [node];
    const [source, output] = [node.inputs[0]!, node.outputs[0]!];
    const quantizer = quantizers.get(source);
    const constant = constants.get(quantizer?.inputs[0] ?? source);
    if (constant) {
      constants.set(output, { ...(quantizer ? constant : meaning(node, constants)), name: output });
      return [];
    }
    if (!quantizer) throw usesIntegers(`"${source}"`);
    const limits = rangeOf(node, constants).map((value, end) => {
      const name = `${output}/${end === 0 ? 'least' : 'most'}`;
      constants.set(name, { name, type: 'float32', dims: [], data: Float32Array.of(value) });
      return name;
    });
    return [{ ...node, type: 'Clip', inputs: [quantizer.inputs[0]!, ...limits], attributes: {} }];
  });
  return {
    model: { ...model, graph: { ...graph, nodes, initializers: constants } },
    notes: ['Converted from integers (QDQ) to float32'],
  };
}

/** Integers that something else than a DequantizeLinear takes would be missing afterwards. */
function refuseOtherUses({ nodes, outputs }: OnnxGraph, quantizers: ReadonlyMap<string, OnnxNode>): void {
  for (const { type, inputs } of nodes) {
    const taken = type === 'DequantizeLinear' ? undefined : inputs.find((name) => quantizers.has(name));
    if (taken !== undefined) throw usesIntegers(`operator "${type}" on "${taken}"`);
  }
  const output = outputs.find(({ name }) => quantizers.has(name));
  if (output) throw usesIntegers(`its output "${output.name}"`);
}

/** Least and most that values can be once they were integers of 8 or 16 bits. */
function rangeOf(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): [number, number] {
  const [scale, zero] = node.inputs.slice(1).map((name) => constants.get(name));
  if (!scale || elementCount(scale.dims) !== 1 || (node.inputs[2] && !zero))
    throw unreadable(node, 'its scale is not one constant');
  const [least, most] = integerRanges[zero?.type ?? 'uint8'] ?? [];
  if (least === undefined || most === undefined) throw unreadable(node, `it is of the type ${zero?.type}`);
  const value = (integer: number) => (integer - Number(zero?.data[0] ?? 0)) * Number(scale.data[0]);
  return [value(least), value(most)];
}

const integerRanges: Partial<Record<OnnxElementType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
};

/** The numbers that quantised constants stand for: (q - zero point) * scale, one scale for all or one for each index of an axis. */
function meaning(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): Omit<OnnxTensor, 'name'> {
  const [quantised, scale, zero] = node.inputs.map((name) => constants.get(name));
  if (!quantised || !scale || (node.inputs[2] && !zero)) throw unreadable(node, 'its scale is not a constant');
  const { dims, data } = quantised;
  const count = elementCount(scale.dims);
  const axis = axisOf(node, dims.length);
  if (count !== 1 && (scale.dims.length !== 1 || count !== dims[axis]))
    throw unreadable(node, 'it has scales of blocks');
  const inner = elementCount(dims.slice(axis + 1));
  const values = Float32Array.from({ length: data.length }, (_, i) => {
    const index = count === 1 ? 0 : Math.floor(i / inner) % count;
    return (Number(data[i]) - Number(zero?.data[index] ?? 0)) * Number(scale.data[index]);
  });
  return { type: 'float32', dims, data: values };
}

function axisOf({ attributes }: OnnxNode, rank: number): number {
  const axis = attributes.axis?.kind === 'int' ? attributes.axis.value : 1;
  return axis < 0 ? axis + rank : axis;
}

function unreadable({ outputs }: OnnxNode, why: string): SafaceError {
  return new SafaceError(
    'unsupported',
    `The quantised constant "${outputs[0]}" cannot be read: ${why}`,
    'Import the model from before it was quantised.',
  );
}

function usesIntegers(what: string): SafaceError {
  return new SafaceError(
    'unsupported',
    `The model computes with integers (${what})`,
    'Import the model from before it was quantised, or quantise it in the QDQ format.',
  );
}
