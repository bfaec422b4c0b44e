import { SafaceError } from '@saface/core';
import type { OnnxModel, OnnxNode } from '../../onnx/model.ts';
import { elementCount, type OnnxTensor } from '../../onnx/tensor.ts';

/** Operators that compute with integers themselves; what the network was before cannot be read out of them. */
const integerOperators = /^(QLinear|ConvInteger|MatMulInteger|DynamicQuantizeLinear)/;

/**
 * A network quantised in the QDQ form (QuantizeLinear and DequantizeLinear around ordinary operators) as the network it stands
 * for: weights become the float32 numbers that the integers mean, and values are no longer rounded on the way. It can be trained then.
 * Others come back as they are.
 * @throws SafaceError 'unsupported' that names an operator which computes with integers
 */
export function dequantize(model: OnnxModel): { model: OnnxModel; notes: string[] } {
  const { nodes, initializers } = model.graph;
  const integer = nodes.find(({ type }) => integerOperators.test(type));
  if (integer) {
    throw new SafaceError(
      'unsupported',
      `The model computes with integers (operator "${integer.type}")`,
      'Import the model from before it was quantised, or quantise it in the QDQ format.',
    );
  }
  if (!nodes.some(({ type }) => type === 'DequantizeLinear')) return { model, notes: [] };
  const constants = new Map(initializers);
  const quantizers = new Map(
    nodes.filter(({ type }) => type === 'QuantizeLinear').map((node) => [node.outputs[0]!, node] as const),
  );
  const kept = nodes.flatMap((node): OnnxNode[] => {
    if (node.type === 'QuantizeLinear') return [];
    if (node.type !== 'DequantizeLinear') return [node];
    const [source, output] = [node.inputs[0]!, node.outputs[0]!];
    const quantizer = quantizers.get(source);
    if (quantizer) return [{ ...node, type: 'Identity', inputs: [quantizer.inputs[0]!], attributes: {} }];
    constants.set(output, { ...meaning(node, initializers), name: output });
    return [];
  });
  return {
    model: { ...model, graph: { ...model.graph, nodes: kept, initializers: constants } },
    notes: ['Converted from integers (QDQ) to float32'],
  };
}

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
