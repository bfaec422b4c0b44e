import { SafaceError } from '@saface/core';
import {
  encodeModel,
  type GradientOrigin,
  type OnnxAttribute,
  type OnnxDim,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from './model.ts';
import { elementCount, elementTypeOfData, type OnnxData, type OnnxElementType, type OnnxTensor } from './tensor.ts';

/** Attribute values as one writes them; see `toAttribute` for how numbers become int or float. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | OnnxTensor | OnnxAttribute;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface BuildOptions {
  /** Version of ONNX's own operator set, 13 or later. Default 17. */
  readonly opset?: number;
  /** Default 8, the one that belongs to opset 17. */
  readonly irVersion?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

// ONNX attributes that are float even when their value happens to be whole.
const floatAttributes = new Set([
  'alpha',
  'beta',
  'bias',
  'epsilon',
  'gamma',
  'lambd',
  'max',
  'min',
  'momentum',
  'ratio',
  'value_float',
  'value_floats',
  'scales',
]);

/** Writes an ONNX graph node by node. Names are made up where none is given; tensors are referred to by name. */
export class GraphBuilder {
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #values = new Map<string, OnnxValue>();
  readonly #gradients = new Map<string, GradientOrigin>();
  readonly #names = new Set<string>();
  readonly #nodeNames = new Set<string>();
  readonly #shared = new Map<string, string>();
  readonly #prefix: string;
  #counter = 0;

  /** @param prefix of all names that are made up; those of a branch must be none of the graph's around it */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  /** Declares a graph input; string dimensions vary from run to run. */
  input(name: string, shape: readonly OnnxDim[], type: OnnxElementType = 'float32'): string {
    this.#inputs.push({ name: this.#claim(name), type, shape });
    return name;
  }

  /** A weight or constant. `dims` defaults to one axis over all of `data`. */
  constant(data: OnnxData, dims: readonly number[] = [data.length], name?: string): string {
    return this.tensor({ name: name ?? this.fresh('constant'), type: elementTypeOfData(data), dims, data });
  }

  /** A constant of any element type, under its own name. */
  tensor(tensor: OnnxTensor): string {
    if (tensor.data.length !== elementCount(tensor.dims)) {
      throw new SafaceError(
        'internal',
        `Constant "${tensor.name}" has ${tensor.data.length} values for shape [${tensor.dims.join(', ')}]`,
        "Report this as a defect of the graph builder's caller.",
      );
    }
    this.#initializers.set(this.#claim(tensor.name), tensor);
    return tensor.name;
  }

  /** A float32 scalar; equal ones are one constant. */
  scalar(value: number): string {
    return this.#share(`scalar ${value}`, () => this.constant(Float32Array.of(value), []));
  }

  /** A one-dimensional int64 constant, as axes and shapes want it; equal ones are one constant. */
  int64(...values: readonly number[]): string {
    return this.#share(`int64 ${values.join()}`, () => this.constant(BigInt64Array.from(values, BigInt)));
  }

  /** Adds an operator with one output and returns that output's name. */
  op(type: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    return this.multi(type, inputs, { attributes, outputs: output === undefined ? 1 : [output] })[0]!;
  }

  /** Adds an operator with several outputs, given by name or by number. */
  multi(
    type: string,
    inputs: readonly string[],
    { attributes = {}, outputs }: { attributes?: Attributes; outputs: number | readonly string[] },
  ): string[] {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.fresh(type)) : outputs;
    this.node({
      name: `${type}_${this.#nodes.length}`,
      type,
      domain: '',
      inputs,
      outputs: names,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, toAttribute(name, value)]),
      ),
    });
    return [...names];
  }

  /** Adds a node, for example one taken from another graph; under another name where its own is taken. */
  node(node: OnnxNode): void {
    for (const name of node.outputs) if (name !== '') this.#claim(name);
    let { name } = node;
    while (this.#nodeNames.has(name)) name = `${name}~${this.#counter++}`;
    // Only names that say something have to be unique.
    if (name !== '') this.#nodeNames.add(name);
    this.#nodes.push(name === node.name ? node : { ...node, name });
  }

  /** Marks an existing tensor as graph output. */
  output(name: string, shape?: readonly OnnxDim[], type: OnnxElementType = 'float32'): void {
    this.#outputs.push(shape ? { name, type, shape } : { name, type });
  }

  /** Writes down the shape of a tensor that cannot be inferred. */
  describe(name: string, shape: readonly OnnxDim[]): void {
    this.#values.set(name, { name, type: 'float32', shape });
  }

  /** Writes down what a tensor is the gradient of. */
  markGradient(name: string, origin: GradientOrigin): void {
    this.#gradients.set(name, origin);
  }

  /** A name that this graph does not use yet. */
  fresh(hint: string): string {
    let name: string;
    do name = `${this.#prefix}${hint}~${this.#counter++}`;
    while (this.#names.has(name));
    return name;
  }

  build({ opset = 17, irVersion = 8, metadata = {} }: BuildOptions = {}): OnnxModel {
    const graph: OnnxGraph = {
      name: 'saface',
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      nodes: [...this.#nodes],
      initializers: new Map(this.#initializers),
      values: [...this.#values.values()],
      gradients: new Map(this.#gradients),
    };
    return { irVersion, producer: 'saface', opsets: { '': opset }, graph, metadata };
  }

  /** `build`, as file contents. */
  encode(options?: BuildOptions): Uint8Array {
    return encodeModel(this.build(options));
  }

  #claim(name: string): string {
    if (this.#names.has(name)) {
      throw new SafaceError(
        'internal',
        `The graph has "${name}" twice`,
        "Report this as a defect of the graph builder's caller.",
      );
    }
    this.#names.add(name);
    return name;
  }

  #share(key: string, make: () => string): string {
    const name = this.#shared.get(key) ?? make();
    this.#shared.set(key, name);
    return name;
  }
}

function isTensor(value: object): value is OnnxTensor {
  return 'dims' in value;
}

function isAttribute(value: object): value is OnnxAttribute {
  return 'kind' in value;
}

/** Numbers are float when the attribute is a float one in ONNX or the value is not whole, else int. */
export function toAttribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number')
    return { kind: floatAttributes.has(name) || !Number.isInteger(value) ? 'float' : 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === 'string')) return { kind: 'strings', value: value as string[] };
    return {
      kind: floatAttributes.has(name) || value.some((item) => !Number.isInteger(item)) ? 'floats' : 'ints',
      value: value as number[],
    };
  }
  const object = value as OnnxTensor | OnnxAttribute;
  if (isAttribute(object)) return object;
  if (isTensor(object)) return { kind: 'tensor', value: object };
  throw new SafaceError(
    'internal',
    `Attribute "${name}" has a value of no ONNX kind`,
    'Give a number, string, list or tensor.',
  );
}
