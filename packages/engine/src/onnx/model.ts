import { SafaceError } from '@saface/core';
import {
  decodeWire,
  encodeWire,
  type WireAttribute,
  type WireDimension,
  type WireGraph,
  type WireModel,
  type WireNode,
  type WireValueInfo,
} from './proto.ts';
import {
  decodeTensor,
  type ExternalData,
  elementCode,
  elementTypeOf,
  encodeTensor,
  externalLocation,
  isExternal,
  type OnnxElementType,
  type OnnxTensor,
  toNumber,
} from './tensor.ts';

/** A known size, or the name of a size that varies from run to run ('' when the file names none). */
export type OnnxDim = number | string;

/** A graph input, output or annotated tensor; `shape` is absent when the file says nothing about it. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly shape?: readonly OnnxDim[];
}

export type OnnxAttribute =
  | { readonly kind: 'float' | 'int'; readonly value: number }
  | { readonly kind: 'floats' | 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph };

export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  /** '' is ONNX's own operator set. */
  readonly domain: string;
  /** '' stands for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** The tensor is dLoss / d(operand `operand` of `node`); `dy` is dLoss / d(output of `node`). */
export interface GradientOrigin {
  readonly node: OnnxNode;
  readonly operand: number;
  readonly dy: string;
}

/** Nodes are in an order in which each one's inputs are known before it runs. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly values: readonly OnnxValue[];
  /** Known of training graphs, by tensor; not part of the file. Passes may compute such a tensor in a way of their own. */
  readonly gradients?: ReadonlyMap<string, GradientOrigin>;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
  readonly metadata: Readonly<Record<string, string>>;
}

const attributeKinds = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/**
 * Reads one ONNX file and checks that it hangs together.
 * @throws SafaceError 'integrity' when the bytes are not an ONNX model or are cut short, 'unsupported' for what SaFace cannot read.
 */
export function decodeModel(bytes: Uint8Array, external?: ExternalData): OnnxModel {
  const wire = parse(bytes);
  if (!wire.graph || (wire.opsetImport ?? []).length === 0) {
    throw new SafaceError(
      'integrity',
      'The file is not an ONNX model: it holds no graph',
      'Choose a file that an exporter wrote as .onnx.',
    );
  }
  if ((wire.functions ?? []).length > 0) {
    throw new SafaceError(
      'unsupported',
      'The ONNX model defines its own functions',
      'Export it with functions inlined (onnx.inliner).',
    );
  }
  const graph = decodeGraph(wire.graph, external);
  checkGraph(graph, new Set());
  return {
    irVersion: toNumber(wire.irVersion),
    producer: wire.producerName ?? '',
    opsets: Object.fromEntries(
      (wire.opsetImport ?? []).map((set) => [
        set.domain === 'ai.onnx' ? '' : (set.domain ?? ''),
        toNumber(set.version),
      ]),
    ),
    graph,
    metadata: Object.fromEntries((wire.metadataProps ?? []).map(({ key, value }) => [key, value])),
  };
}

/** The files beside a model that hold weights of it. Throws like `decodeModel` for bytes that are no model. */
export function externalLocations(bytes: Uint8Array): string[] {
  return [...new Set((parse(bytes).graph?.initializer ?? []).filter(isExternal).map(externalLocation))];
}

export function encodeModel(model: OnnxModel): Uint8Array {
  const wire: WireModel = {
    irVersion: model.irVersion,
    producerName: model.producer,
    graph: encodeGraph(model.graph),
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  };
  return encodeWire(wire);
}

function parse(bytes: Uint8Array): WireModel {
  if (bytes.length === 0) {
    throw new SafaceError('integrity', 'The ONNX file is empty', 'Copy or export the model again.');
  }
  try {
    return decodeWire(bytes);
  } catch (cause) {
    throw new SafaceError(
      'integrity',
      'The file is not an ONNX model, or it is cut short',
      'Copy or export the model again.',
      { cause },
    );
  }
}

function decodeGraph(wire: WireGraph, external?: ExternalData): OnnxGraph {
  if ((wire.sparseInitializer ?? []).length > 0) {
    throw new SafaceError('unsupported', 'The ONNX model has sparse weights', 'Export the model with dense weights.');
  }
  const initializers = new Map(
    (wire.initializer ?? []).map((tensor) => [tensor.name ?? '', decodeTensor(tensor, 'weights', external)]),
  );
  return {
    name: wire.name ?? '',
    // Before IR version 4 every initializer is listed among the inputs too; it is a constant all the same.
    inputs: (wire.input ?? []).filter((value) => !initializers.has(value.name ?? '')).map(decodeValue),
    outputs: (wire.output ?? []).map(decodeValue),
    nodes: (wire.node ?? []).map(decodeNode),
    initializers,
    values: (wire.valueInfo ?? []).filter((value) => value.type?.tensorType).map(decodeValue),
  };
}

function decodeValue(wire: WireValueInfo): OnnxValue {
  const name = wire.name ?? '';
  const tensor = wire.type?.tensorType;
  if (!tensor) {
    throw new SafaceError(
      'unsupported',
      `"${name}" is not a tensor`,
      'SaFace takes models whose inputs and outputs are tensors.',
    );
  }
  const type = elementTypeOf(tensor.elemType ?? 0, name);
  return tensor.shape ? { name, type, shape: (tensor.shape.dim ?? []).map(decodeDim) } : { name, type };
}

function decodeDim(dim: WireDimension): OnnxDim {
  return dim.value === 'dimValue' ? toNumber(dim.dimValue) : (dim.dimParam ?? '');
}

function decodeNode(wire: WireNode): OnnxNode {
  const type = wire.opType ?? '';
  return {
    name: wire.name ?? '',
    type,
    domain: wire.domain === 'ai.onnx' ? '' : (wire.domain ?? ''),
    inputs: [...(wire.input ?? [])],
    outputs: [...(wire.output ?? [])],
    attributes: Object.fromEntries(
      (wire.attribute ?? []).map((attribute) => [attribute.name ?? '', decodeAttribute(attribute, type)]),
    ),
  };
}

const text = new TextDecoder();

function decodeAttribute(wire: WireAttribute, owner: string): OnnxAttribute {
  switch (wire.type) {
    case attributeKinds.float:
      return { kind: 'float', value: wire.f ?? 0 };
    case attributeKinds.int:
      return { kind: 'int', value: toNumber(wire.i) };
    case attributeKinds.string:
      return { kind: 'string', value: text.decode(wire.s) };
    case attributeKinds.floats:
      return { kind: 'floats', value: [...(wire.floats ?? [])] };
    case attributeKinds.ints:
      return { kind: 'ints', value: (wire.ints ?? []).map(toNumber) };
    case attributeKinds.strings:
      return { kind: 'strings', value: (wire.strings ?? []).map((value) => text.decode(value)) };
    case attributeKinds.tensor:
      if (wire.t) return { kind: 'tensor', value: decodeTensor(wire.t, owner) };
      break;
    case attributeKinds.graph:
      if (wire.g) return { kind: 'graph', value: decodeGraph(wire.g) };
  }
  throw new SafaceError(
    'unsupported',
    `Attribute "${wire.name}" of operator ${owner} has a kind SaFace cannot read (${wire.type ?? 0})`,
    'Export the model with standard ONNX operators.',
  );
}

/** Every name is made before it is used: else ONNX Runtime would fail later with a message nobody can act on. */
function checkGraph(graph: OnnxGraph, outer: ReadonlySet<string>): void {
  const known = new Set([...outer, ...graph.initializers.keys(), ...graph.inputs.map((input) => input.name)]);
  for (const node of graph.nodes) {
    const missing = node.inputs.find((name) => name !== '' && !known.has(name));
    if (missing !== undefined)
      throw broken(`operator ${node.type} "${node.name}" reads "${missing}", which nothing before it makes`);
    for (const attribute of Object.values(node.attributes))
      if (attribute.kind === 'graph') checkGraph(attribute.value, known);
    for (const name of node.outputs) known.add(name);
  }
  const missing = graph.outputs.find((output) => !known.has(output.name));
  if (missing) throw broken(`the output "${missing.name}" is made by no operator`);
  if (graph.outputs.length === 0) throw broken('it has no output');
}

function broken(what: string): SafaceError {
  return new SafaceError(
    'integrity',
    `The ONNX model does not hang together: ${what}`,
    'Export the model again and check it with onnx.checker.',
  );
}

function encodeGraph(graph: OnnxGraph): WireGraph {
  return {
    name: graph.name || 'graph',
    node: graph.nodes.map(encodeNode),
    initializer: [...graph.initializers.values()].map(encodeTensor),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
    valueInfo: graph.values.map(encodeValue),
  };
}

function encodeValue(value: OnnxValue): WireValueInfo {
  const elemType = elementCode(value.type);
  if (!value.shape) return { name: value.name, type: { tensorType: { elemType } } };
  const dim = value.shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : size === '' ? {} : { dimParam: size },
  );
  return { name: value.name, type: { tensorType: { elemType, shape: { dim } } } };
}

function encodeNode(node: OnnxNode): WireNode {
  return {
    name: node.name,
    opType: node.type,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
  };
}

const utf8 = new TextEncoder();

function encodeAttribute(name: string, attribute: OnnxAttribute): WireAttribute {
  const type = attributeKinds[attribute.kind];
  switch (attribute.kind) {
    case 'float':
      return { name, type, f: attribute.value };
    case 'int':
      return { name, type, i: attribute.value };
    case 'floats':
      return { name, type, floats: [...attribute.value] };
    case 'ints':
      return { name, type, ints: [...attribute.value] };
    case 'string':
      return { name, type, s: utf8.encode(attribute.value) };
    case 'strings':
      return { name, type, strings: attribute.value.map((value) => utf8.encode(value)) };
    case 'tensor':
      return { name, type, t: encodeTensor(attribute.value) };
    case 'graph':
      return { name, type, g: encodeGraph(attribute.value) };
  }
}
