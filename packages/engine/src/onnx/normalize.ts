import { SafaceError } from '@saface/core';
import { expandNode } from './expand-node.ts';
import { foldBatchNormalization } from './fold-batch-normalization.ts';
import { foldConstant } from './fold-constants.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import { openBatch } from './open-batch.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import { batchAxis, formatShape, knownSize, type Shape } from './shape.ts';
import { type ShapeValue, shapeValue } from './shape-values.ts';
import { elementCode, elementTypeOfData, type OnnxData, type OnnxTensor } from './tensor.ts';
import { newestOpset, normalOpset, upgradeNode } from './upgrade.ts';

/**
 * Brings a recogniser into the one form that cutting and training understand: operator set 17, one float32 image
 * input whose batch axis is dynamic (also when the file fixes it), constants as initializers, sizes computed by
 * the exporter's Shape/Gather/Concat chains replaced by their values, BatchNormalization behind a Conv or Gemm folded
 * into its weights, dead nodes gone. The function computed is the same. A node that has no rule stays where the file describes the shape of
 * what it makes; nothing before it can be trained.
 * @throws SafaceError 'unsupported' that names what cannot be handled; UnhandledNode where describing a shape would help.
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
  const output = embeddingOf(model.graph);
  const writer = new Normalizer(model, { opset, output });
  for (const node of neededFor(output, model.graph.nodes)) writer.add(node);
  const graph = foldBatchNormalization(writer.graph());
  return { irVersion: 8, producer: 'saface', opsets: { '': normalOpset }, graph, metadata: model.metadata };
}

/** A node of which nothing is known, and whose file does not describe what it makes. */
export class UnhandledNode extends SafaceError {
  readonly type: string;

  constructor(node: OnnxNode, cause: SafaceError) {
    super(cause.code, cause.message, cause.remedy, { cause });
    this.name = 'UnhandledNode';
    this.type = node.type;
  }
}

/** The output with one vector for each face; other models give the norm beside it, or what a classification head says. */
function embeddingOf({ outputs }: OnnxGraph): string {
  const fits = ({ shape }: OnnxValue) =>
    shape === undefined || (shape.length === 2 && (typeof shape[1] !== 'number' || shape[1] >= 8));
  return (outputs.find(fits) ?? outputs[0]!).name;
}

/** Values of one picture's tensor, that is a quarter of a gigabyte: more than a recogniser of any size needs. */
const MOST_VALUES = 2 ** 26;

/** In their order; what only other outputs depend on need not be understood. */
function neededFor(output: string, nodes: readonly OnnxNode[]): OnnxNode[] {
  const live = new Set([output]);
  const needed = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => live.has(name))) return false;
    for (const input of node.inputs) live.add(input);
    return true;
  });
  return needed.reverse();
}

class Normalizer {
  readonly #input: OnnxValue;
  readonly #fixedBatch: number | undefined;
  readonly #source: OnnxGraph;
  readonly #opset: number;
  readonly #output: string;
  readonly #described: ReadonlyMap<string, OnnxValue>;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Map<string, OnnxTensor>;
  readonly #shapes = new Map<string, Shape>();
  readonly #values = new Map<string, ShapeValue>();

  constructor({ graph }: OnnxModel, { opset, output }: { readonly opset: number; readonly output: string }) {
    this.#source = graph;
    this.#opset = opset;
    this.#output = output;
    this.#described = new Map(graph.values.map((value) => [value.name, value]));
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
    const { type, outputs } = source;
    const own = source.domain === '';
    if (own && type === 'Constant') {
      this.#addConstant(source);
      return;
    }
    if (own && this.#castToFloat(source)) return;
    const scope = { shapes: this.#shapes, constants: this.#constants, values: this.#values };
    const value = own ? shapeValue(source, scope) : undefined;
    if (value) {
      this.#values.set(outputs[0]!, value);
      return;
    }
    const add = (data: OnnxData, dims: readonly number[]) => this.#constant(data, dims);
    const parts = own ? expandNode(source, { ...scope, opset: this.#opset, add }) : undefined;
    // They are written in the normal operator set, and one of them may be of the type that was expanded.
    for (const node of parts ?? [this.#upgraded(source)]) this.#write(node);
  }

  #upgraded(node: OnnxNode): OnnxNode {
    const add = (data: OnnxData, dims: readonly number[]) => this.#constant(data, dims);
    return upgradeNode({ node, opset: this.#opset, add, constants: this.#constants });
  }

  #write(source: OnnxNode): void {
    const opened = openBatch(source, {
      shapes: this.#shapes,
      values: this.#values,
      constants: this.#constants,
      input: this.#input,
      fixedBatch: this.#fixedBatch,
      add: (data, dims) => this.#constant(data, dims),
      write: (node) => this.#write(node),
    });
    const node = { ...opened, inputs: opened.inputs.map((name) => this.#materialize(name)) };
    const folded = foldConstant(node, this.#constants);
    if (folded) {
      this.#define(folded);
      return;
    }
    this.#infer(node).forEach((shape, index) => {
      const name = node.outputs[index];
      if (!name) return;
      if (knownSize(shape) > MOST_VALUES) {
        throw new SafaceError(
          'unsupported',
          `${node.type} makes "${name}" of ${formatShape(shape)}, more than the memory of a machine should hold for one picture`,
          'Use another copy of the model: this one was not made to recognise faces.',
        );
      }
      this.#shapes.set(name, shape);
    });
    this.#nodes.push(node);
  }

  #infer(node: OnnxNode): readonly Shape[] {
    try {
      return operatorRule(node).infer(new OperatorView(node, this.#shapes, this.#constants));
    } catch (error) {
      if (!(error instanceof SafaceError) || error.code !== 'unsupported') throw error;
      const described = node.outputs.map((name) => this.#describedShape(name));
      if (described.every((shape) => shape !== undefined)) return described;
      throw new UnhandledNode(node, error);
    }
  }

  /** As the file has it, with an open batch. */
  #describedShape(name: string): Shape | undefined {
    if (name === '') return [];
    const [batch, ...rest] = this.#described.get(name)?.shape ?? [];
    const open = batch === batchAxis || (this.#fixedBatch !== undefined && batch === this.#fixedBatch);
    return open && rest.every((dim) => typeof dim === 'number') ? [batchAxis, ...rest] : undefined;
  }

  /** A size that goes on as a number to compute with, such as the scale of an attention. */
  #castToFloat(node: OnnxNode): boolean {
    const value = this.#values.get(node.inputs[0] ?? '');
    const { to } = node.attributes;
    if (node.type !== 'Cast' || !value || to?.kind !== 'int' || to.value !== elementCode('float32')) return false;
    if (!value.dims.every((dim) => typeof dim === 'number')) return false;
    const dims = value.scalar ? [] : [value.dims.length];
    this.#define({ name: node.outputs[0]!, type: 'float32', dims, data: Float32Array.from(value.dims, Number) });
    return true;
  }

  /** Nodes and constants that the first output depends on. */
  graph(): OnnxGraph {
    const name = this.#flat(this.#materialize(this.#output));
    const nodes = neededFor(name, this.#nodes);
    const live = new Set([name, ...nodes.flatMap(({ inputs }) => inputs)]);
    return {
      name: this.#source.name,
      inputs: [this.#input],
      outputs: [{ name, type: 'float32', shape: this.#shapes.get(name)! }],
      nodes,
      initializers: new Map([...this.#constants].filter(([constant]) => live.has(constant))),
      values: nodes.flatMap((node) => this.#unruled(node)),
    };
  }

  /** An embedding that is a picture of one pixel is a vector. */
  #flat(name: string): string {
    const shape = this.#shapes.get(name) ?? [];
    if (shape.length <= 2 || !shape.slice(2).every((dim) => dim === 1)) return name;
    const output = `${name}/flat`;
    this.#write({ name: output, type: 'Flatten', domain: '', inputs: [name], outputs: [output], attributes: {} });
    return output;
  }

  /** What has to be described again, because no rule finds it. */
  #unruled(node: OnnxNode): OnnxValue[] {
    try {
      operatorRule(node).infer(new OperatorView(node, this.#shapes, this.#constants));
      return [];
    } catch {
      return node.outputs.flatMap((name) => {
        const shape = this.#shapes.get(name);
        return shape ? [{ name, type: this.#described.get(name)?.type ?? 'float32', shape }] : [];
      });
    }
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
