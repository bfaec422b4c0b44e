import { SafaceError } from '@saface/core';
import { expandGelu } from './expand-gelu.ts';
import { foldBatchNormalization } from './fold-batch-normalization.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import { formatShape, type Shape } from './shape.ts';
import { type ShapeValue, shapeValue } from './shape-values.ts';
import { elementTypeOfData, type OnnxData, type OnnxTensor } from './tensor.ts';
import { newestOpset, normalOpset, upgradeNode } from './upgrade.ts';

/** The name of the batch axis in every normalised model. */
export const batchAxis = 'N';

/**
 * Brings a recogniser into the one form that cutting and training understand: operator set 17, one float32 image
 * input whose batch axis is dynamic (also when the file fixes it), constants as initializers, sizes computed by
 * the exporter's Shape/Gather/Concat chains replaced by their values, BatchNormalization behind a Conv or Gemm folded
 * into its weights, dead nodes gone. The function computed is the same.
 * @throws SafaceError 'unsupported' that names what cannot be handled.
 */
export function normalizeModel(model: OnnxModel): OnnxModel {
  const opset = model.opsets[''] ?? 0;
  if (opset < 7 || opset > newestOpset) {
    throw new SafaceError(
      'unsupported',
      `The model uses ONNX operator set ${opset}`,
      `Export it with a set from 7 to ${newestOpset}; ${normalOpset} is best.`,
    );
  }
  const writer = new Normalizer(model, opset);
  for (const node of model.graph.nodes) writer.add(node);
  const graph = foldBatchNormalization(writer.graph());
  return { irVersion: 8, producer: 'saface', opsets: { '': normalOpset }, graph, metadata: model.metadata };
}

class Normalizer {
  readonly #input: OnnxValue;
  readonly #fixedBatch: number | undefined;
  readonly #source: OnnxGraph;
  readonly #opset: number;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Map<string, OnnxTensor>;
  readonly #shapes = new Map<string, Shape>();
  readonly #values = new Map<string, ShapeValue>();

  constructor({ graph }: OnnxModel, opset: number) {
    this.#source = graph;
    this.#opset = opset;
    this.#constants = new Map(graph.initializers);
    const [input, ...others] = graph.inputs;
    if (!input?.shape || input.shape.length < 2 || others.length > 0 || input.type !== 'float32') {
      throw new SafaceError(
        'unsupported',
        'The model does not have exactly one float32 input of known rank',
        'Export the recogniser alone, with one image batch as its input.',
      );
    }
    const [batch, ...rest] = input.shape;
    const open = rest.findIndex((dim) => typeof dim === 'string');
    if (open >= 0) {
      throw new SafaceError(
        'unsupported',
        `The model's input "${input.name}" is ${formatShape(input.shape)}: not only its batch is open`,
        'Export it with a fixed image size.',
      );
    }
    this.#fixedBatch = typeof batch === 'number' ? batch : undefined;
    this.#input = { ...input, shape: [batchAxis, ...rest] };
    this.#shapes.set(input.name, this.#input.shape!);
    for (const [name, { dims }] of this.#constants) this.#shapes.set(name, dims);
  }

  add(source: OnnxNode): void {
    if (source.domain === '' && source.type === 'Gelu') {
      for (const part of expandGelu(source, (value) => this.#constant(Float32Array.of(value), []))) this.add(part);
      return;
    }
    const { type, outputs } = source;
    if (source.domain === '' && type === 'Constant') {
      this.#addConstant(source);
      return;
    }
    const value =
      source.domain === ''
        ? shapeValue(source, { shapes: this.#shapes, constants: this.#constants, values: this.#values })
        : undefined;
    if (value) {
      this.#values.set(outputs[0]!, value);
      return;
    }
    let node = upgradeNode({
      node: source,
      opset: this.#opset,
      add: (data, dims) => this.#constant(data, dims),
      constants: this.#constants,
    });
    node = { ...node, inputs: node.inputs.map((name) => this.#materialize(name)) };
    if (node.type === 'Reshape') node = this.#openBatch(node);
    const view = new OperatorView(node, this.#shapes, this.#constants);
    operatorRule(node)
      .infer(view)
      .forEach((shape, index) => {
        const name = node.outputs[index];
        if (name) this.#shapes.set(name, shape);
      });
    this.#nodes.push(node);
  }

  /** Nodes and constants that the first output depends on. */
  graph(): OnnxGraph {
    const name = this.#materialize(this.#source.outputs[0]!.name);
    const live = new Set([name]);
    const nodes = this.#nodes.toReversed().filter((node) => {
      if (!node.outputs.some((output) => live.has(output))) return false;
      for (const input of node.inputs) live.add(input);
      return true;
    });
    return {
      name: this.#source.name,
      inputs: [this.#input],
      outputs: [{ name, type: 'float32', shape: this.#shapes.get(name)! }],
      nodes: nodes.reverse(),
      initializers: new Map([...this.#constants].filter(([constant]) => live.has(constant))),
      values: [],
    };
  }

  #addConstant(node: OnnxNode): void {
    const name = node.outputs[0]!;
    const [attribute] = Object.values(node.attributes);
    const tensor = attribute && constantOf(attribute);
    if (!tensor) {
      throw new SafaceError(
        'unsupported',
        `The constant "${name}" has a kind SaFace cannot read`,
        'Export the model with tensor constants.',
      );
    }
    this.#define({ ...tensor, name });
  }

  #define(tensor: OnnxTensor): void {
    this.#constants.set(tensor.name, tensor);
    this.#shapes.set(tensor.name, tensor.dims);
  }

  #constant(data: OnnxData, dims: readonly number[]): string {
    let name = `constant~${this.#constants.size}`;
    while (this.#shapes.has(name)) name += '~';
    this.#define({ name, type: elementTypeOfData(data), dims, data });
    return name;
  }

  /** A computed size that an ordinary operator reads becomes a constant; the batch size, as Reshape's -1. */
  #materialize(name: string): string {
    const value = this.#values.get(name);
    if (!value || this.#shapes.has(name)) return name;
    // Reshape works out one size by itself; where that is another one, 0 says "as the input has it".
    const batch = value.dims.includes(-1) && value.dims[0] === batchAxis ? 0 : -1;
    const sizes = value.dims.map((dim) => (typeof dim === 'number' ? dim : batch));
    if (sizes.filter((size) => size === -1).length > 1) {
      throw new SafaceError(
        'unsupported',
        `The shape "${name}" has two sizes that vary`,
        'Export the model with only the batch size dynamic.',
      );
    }
    this.#define({
      name,
      type: 'int64',
      dims: value.scalar ? [] : [sizes.length],
      data: BigInt64Array.from(sizes, BigInt),
    });
    return name;
  }

  /** A fixed batch size that the exporter wrote into a Reshape becomes "as the input has it". */
  #openBatch(node: OnnxNode): OnnxNode {
    const target = this.#constants.get(node.inputs[1] ?? '');
    const [batch] = this.#shapes.get(node.inputs[0]!) ?? [];
    if (!target || this.#fixedBatch === undefined || batch !== batchAxis) return node;
    const sizes = Array.from(target.data, Number);
    if (sizes[0] !== this.#fixedBatch || sizes.includes(0)) return node;
    return {
      ...node,
      inputs: [node.inputs[0]!, this.#constant(BigInt64Array.from([0, ...sizes.slice(1)], BigInt), target.dims)],
    };
  }
}

/** The value of a Constant node, whose one attribute says of which kind it is. */
function constantOf(attribute: OnnxAttribute): Omit<OnnxTensor, 'name'> | undefined {
  switch (attribute.kind) {
    case 'tensor':
      return attribute.value;
    case 'float':
      return { type: 'float32', dims: [], data: Float32Array.of(attribute.value) };
    case 'floats':
      return { type: 'float32', dims: [attribute.value.length], data: Float32Array.from(attribute.value) };
    case 'int':
      return { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(attribute.value)) };
    case 'ints':
      return { type: 'int64', dims: [attribute.value.length], data: BigInt64Array.from(attribute.value, BigInt) };
    default:
      return undefined;
  }
}
