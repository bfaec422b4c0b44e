import { fromHalf } from '@saface/core';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from '../../onnx/model.ts';
import { elementCode, type OnnxElementType, type OnnxTensor } from '../../onnx/tensor.ts';

const otherFloats: ReadonlySet<OnnxElementType> = new Set(['float16', 'float64']);
const floatCodes = new Set((['float16', 'float32', 'float64'] as const).map(elementCode));

/** A model of half or double precision in single precision, and what was changed. Others come back as they are. */
export function toFloat32(model: OnnxModel): { model: OnnxModel; notes: string[] } {
  const { graph } = model;
  const constants = [
    ...graph.initializers.values(),
    ...graph.nodes.flatMap(({ attributes }) =>
      Object.values(attributes).flatMap((attribute) => (attribute.kind === 'tensor' ? attribute.value : [])),
    ),
  ];
  const found = [...graph.inputs, ...graph.outputs, ...constants].find(({ type }) => otherFloats.has(type));
  if (!found) return { model, notes: [] };
  const converted: OnnxGraph = {
    ...graph,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    values: graph.values.map(value),
    nodes: graph.nodes.map(node),
    initializers: new Map([...graph.initializers].map(([name, constant]) => [name, tensor(constant)])),
  };
  return { model: { ...model, graph: converted }, notes: [`Converted from ${found.type} to float32`] };
}

function value(one: OnnxValue): OnnxValue {
  return otherFloats.has(one.type) ? { ...one, type: 'float32' } : one;
}

function tensor(one: OnnxTensor): OnnxTensor {
  if (one.type === 'float16') return { ...one, type: 'float32', data: fromHalf(one.data as Uint16Array) };
  if (one.type === 'float64') return { ...one, type: 'float32', data: Float32Array.from(one.data as Float64Array) };
  return one;
}

/** Casts from one float type to another have nothing left to do. */
function node(one: OnnxNode): OnnxNode {
  const to = one.attributes.to;
  if (one.type === 'Cast' && to?.kind === 'int' && floatCodes.has(to.value))
    return { ...one, type: 'Identity', attributes: {} };
  const attributes = Object.entries(one.attributes).map(([name, attribute]): [string, OnnxAttribute] => [
    name,
    attribute.kind === 'tensor' ? { ...attribute, value: tensor(attribute.value) } : attribute,
  ]);
  return { ...one, attributes: Object.fromEntries(attributes) };
}
