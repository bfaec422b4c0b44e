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
  const whole = wholeNumbers(graph);
  const converted: OnnxGraph = {
    ...graph,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    values: graph.values.map(value),
    nodes: graph.nodes.map((one) => node(one, whole)),
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

const makeWhole: ReadonlySet<string> = new Set([
  'Shape',
  'Size',
  'ArgMax',
  'ArgMin',
  'NonZero',
  'Equal',
  'Less',
  'Greater',
  'And',
  'Or',
  'Not',
]);
const stayWhole: ReadonlySet<string> = new Set([
  'Gather',
  'Slice',
  'Concat',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Identity',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'ReduceProd',
]);

/** Names of what is no float: sizes, and what is computed from them. */
function wholeNumbers(graph: OnnxGraph): Set<string> {
  const whole = new Set<string>();
  for (const { name, type } of graph.initializers.values()) if (!isFloat(type)) whole.add(name);
  for (const { type, inputs, outputs, attributes } of graph.nodes) {
    const { value, to } = attributes;
    const constant = type === 'Constant' && value?.kind === 'tensor' && !isFloat(value.value.type);
    const cast = type === 'Cast' && to?.kind === 'int' && !floatCodes.has(to.value);
    const kept = stayWhole.has(type) && whole.has(inputs[0] ?? '');
    if (constant || cast || kept || makeWhole.has(type)) for (const name of outputs) whole.add(name);
  }
  return whole;
}

const isFloat = (type: OnnxElementType) => type === 'float32' || otherFloats.has(type);

/** Casts from one float type to another have nothing left to do; those of whole numbers make the one that is left. */
function node(one: OnnxNode, whole: ReadonlySet<string>): OnnxNode {
  const to = one.attributes.to;
  if (one.type === 'Cast' && to?.kind === 'int' && floatCodes.has(to.value)) {
    return whole.has(one.inputs[0] ?? '')
      ? { ...one, attributes: { to: { kind: 'int', value: elementCode('float32') } } }
      : { ...one, type: 'Identity', attributes: {} };
  }
  const attributes = Object.entries(one.attributes).map(([name, attribute]): [string, OnnxAttribute] => [
    name,
    attribute.kind === 'tensor' ? { ...attribute, value: tensor(attribute.value) } : attribute,
  ]);
  return { ...one, attributes: Object.fromEntries(attributes) };
}
