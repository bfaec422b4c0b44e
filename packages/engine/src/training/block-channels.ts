import { inferSomeShapes } from '../onnx/infer.ts';
import type { GradientOrigin, OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model.ts';
import { FLOAT } from '../onnx/ops/elementwise.ts';
import { unreached } from '../onnx/ops/window.ts';
import type { Shape } from '../onnx/shape.ts';
import { sameShape } from '../onnx/shape.ts';
import { blockedDomain } from '../runtime/channel-blocks.ts';
import { batchWeightGradient, convolvesOverBatch } from './batch-convolution.ts';
import {
  cellsLast,
  denseInputGradient,
  denseWeightGradient,
  depthwiseWeightGradient,
  gradientPads,
  isDepthwise,
  isGlobal,
  type KnownConv,
  knownConv,
} from './blocked-gradients.ts';
import { BlockedImages } from './blocked-images.ts';
import { BlockedKernels } from './blocked-kernels.ts';
import { int, ints, type NodeAttributes, NodeWriter } from './node-writer.ts';
import { TensorForms } from './tensor-forms.ts';

/** What is known of the batches that a graph will see. */
export interface Batches {
  /** Their samples are always a multiple of this number; default 1. */
  readonly together?: number;
  /** They are large, as `isLargeBatch` says; default false. */
  readonly large?: boolean;
}

/**
 * ONNX Runtime convolves about twice as fast on the CPU when channels are stored in blocks, but changes to that layout
 * by itself only where weights are constants. In a training graph they are inputs; so this pass makes the change:
 * dense and depthwise convolutions become blocked ones, element-wise operators between them stay in the blocked layout,
 * Add, Relu and Clip behind them are merged into them, pools and borders between them stay blocked as well, and gradients
 * are computed from what is there in that layout. The function is the same.
 */
export function blockChannels(model: OnnxModel, block: number, batches: Batches = {}): OnnxModel {
  const pass = new BlockingPass(model.graph, block, batches);
  for (const node of model.graph.nodes) pass.add(node);
  return { ...model, opsets: { ...model.opsets, [blockedDomain]: 1 }, graph: pass.graph() };
}

// Values at one place in, value at the same place out: the layout does not matter as long as it is the same for all.
const layoutFree = new Set([
  ...['Add', 'And', 'Cast', 'Clip', 'Div', 'Greater', 'Less', 'Max', 'Min'],
  ...['Mul', 'Neg', 'PRelu', 'Relu', 'Sign', 'Sub', 'Where'],
]);

/** Slope with which every positive number that float32 holds to full precision comes to 1. Beyond float16, which no CPU computes in. */
const STEEP = 3e38;

class BlockingPass {
  readonly #source: OnnxGraph;
  readonly #block: number;
  readonly #batches: Batches;
  readonly #writer: NodeWriter;
  readonly #kernels: BlockedKernels;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #makers: ReadonlyMap<string, OnnxNode>;
  readonly #consumers = new Map<string, OnnxNode[]>();
  readonly #forms: TensorForms;
  readonly #images: BlockedImages;
  /** Nodes that were merged into an earlier one. */
  readonly #merged = new Set<OnnxNode>();

  constructor(graph: OnnxGraph, block: number, batches: Batches) {
    this.#source = graph;
    this.#block = block;
    this.#batches = batches;
    this.#writer = new NodeWriter(graph);
    this.#shapes = inferSomeShapes(graph);
    const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    this.#makers = makers;
    this.#kernels = new BlockedKernels(this.#writer, block, { shapes: this.#shapes, makers });
    this.#forms = new TensorForms(this.#writer, {
      block,
      shapes: this.#shapes,
      plain: [...graph.initializers.keys(), ...graph.inputs.map((input) => input.name)],
      makers,
      writeBlocked: (node) => this.#addLayoutFree(node),
    });
    this.#images = new BlockedImages(this.#writer, this.#forms, { graph, shapes: this.#shapes, block });
    for (const node of graph.nodes)
      for (const name of node.inputs) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node]);
    // An output of the graph has a reader that can never be merged.
    for (const { name } of graph.outputs) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), outside]);
  }

  graph(): OnnxGraph {
    for (const output of this.#source.outputs) this.#forms.toPlain(output.name);
    const outputs = this.#source.outputs.map((output) => output.name);
    const { nodes, constants } = this.#writer;
    return { ...this.#source, nodes: needed(nodes, outputs), initializers: constants, values: [] };
  }

  add(node: OnnxNode): void {
    if (this.#merged.has(node)) return;
    const origin = this.#source.gradients?.get(node.outputs[0]!);
    if (origin && this.#addGradient(node.outputs[0]!, origin)) return;
    if (this.#addStep(node)) return;
    const conv = this.#blockable(node);
    if (conv) this.#addConv(node, conv);
    else if (this.#staysBlocked(node)) this.#addLayoutFree(node);
    else if (!this.#images.add(node)) {
      for (const name of node.inputs) this.#forms.toPlain(name);
      this.#writer.nodes.push(node);
      for (const name of node.outputs) this.#forms.addPlain(name);
    }
  }

  /** The sizes of a convolution that can be done on blocks: dense or depthwise, with whole blocks of channels. */
  #blockable(node: OnnxNode): KnownConv | undefined {
    const conv = knownConv(node, this.#shapes, this.#source.initializers);
    if (!conv || this.#source.initializers.has(node.inputs[1]!)) return undefined;
    const whole = conv.channels % this.#block === 0 && conv.filters % this.#block === 0;
    return whole && (conv.groups === 1 || isDepthwise(conv)) ? conv : undefined;
  }

  #addConv(node: OnnxNode, conv: KnownConv): void {
    const [x, weights, bias = ''] = node.inputs as [string, string, string?];
    const kernel = conv.groups === 1 ? this.#kernels.dense(weights) : this.#kernels.depthwise(weights);
    const inputs = [this.#forms.toBlocked(x), kernel, bias];
    const attributes: Record<string, OnnxAttribute> = { ...node.attributes };
    let output = node.outputs[0]!;
    const sum = this.#mergeable(output, 'Add');
    const other = sum?.inputs.find((name) => name !== output);
    if (sum && other !== undefined && this.#forms.has(other) && this.#alike(other, output)) {
      inputs.push(this.#forms.toBlocked(other));
      output = this.#merge(sum);
    }
    const activation = this.#mergeable(output, 'Relu') ?? this.#mergeable(output, 'Clip');
    const bounds = activation?.type === 'Clip' ? this.#bounds(activation) : [];
    if (activation && bounds) {
      attributes.activation = { kind: 'string', value: activation.type };
      if (bounds.length > 0) attributes.activation_params = { kind: 'floats', value: bounds };
      output = this.#merge(activation);
    }
    this.#forms.push('Conv', inputs, { attributes, of: output });
  }

  /** The constant bounds of a Clip. */
  #bounds(node: OnnxNode): number[] | undefined {
    const bounds = [1, 2].map((index) => {
      const name = node.inputs[index] ?? '';
      return name === '' ? (index - 1.5) * 2 * 3.4e38 : Number(this.#source.initializers.get(name)?.data[0]);
    });
    return bounds.some(Number.isNaN) ? undefined : bounds;
  }

  /** A gradient computed from what is there in blocks; false where the ordinary way has to do. */
  #addGradient(name: string, { node, operand, dy }: GradientOrigin): boolean {
    if (node.type === 'AveragePool') return this.#images.addPoolGradient(name, { node, dy });
    const conv = this.#blockable(node);
    const x = node.inputs[0]!;
    if (!conv || isGlobal(conv) || !this.#forms.has(x) || !this.#forms.has(dy)) return false;
    if (operand === 0)
      return isDepthwise(conv) ? this.#addSpread(name, node, { conv, dy }) : this.#addScatter(name, node, { conv, dy });
    if (operand !== 1) return false;
    if (isDepthwise(conv)) {
      // Pads that crop are unknown to blocked convolutions.
      if (gradientPads(conv, conv.pads).some((pad) => pad < 0)) return false;
      const tensors = { x: this.#forms.toBlocked(x), dy: this.#forms.toBlocked(dy), output: name };
      depthwiseWeightGradient(this.#writer, tensors, {
        conv,
        block: this.#block,
        together: this.#batches.together ?? 1,
      });
    } else {
      const block = this.#block;
      const overBatch = this.#batches.large && convolvesOverBatch(conv, block);
      const images = this.#forms.toLast(x);
      const rows = overBatch
        ? batchWeightGradient(this.#writer, { x: images, dy: this.#forms.toBlocked(dy), output: name }, { conv, block })
        : denseWeightGradient(this.#writer, { x: images, dy: this.#forms.toFirst(dy), output: name }, conv);
      cellsLast(this.#writer, { rows, output: name }, { conv, block });
    }
    this.#forms.addPlain(name);
    return true;
  }

  /**
   * Input gradient of a strided depthwise convolution: zeros between the values of dy, then a depthwise convolution with
   * the turned kernel. It multiplies many zeros, and is still several times faster than the transposed convolution.
   */
  #addSpread(name: string, node: OnnxNode, { conv, dy }: { conv: KnownConv; dy: string }): boolean {
    const { kernel, strides, dilations, pads, input, output, channels } = conv;
    if (strides[0] === 1 && strides[1] === 1) return false;
    const spread = [output[0] * strides[0], output[1] * strides[1]] as const;
    const reach = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)] as const;
    const before = [reach[0] - pads[0], reach[1] - pads[1]] as const;
    const after = ([0, 1] as const).map((axis) => input[axis] - spread[axis] - before[axis] + reach[axis]);
    if ([...before, ...after].some((pad) => pad < 0) || unreached(conv, 0) < 0) return false;
    const [b, w] = [this.#block, this.#writer];
    const rows = w.reshape(this.#forms.toBlocked(dy), `${name}/values`, [-1, 1, output[1], b]);
    const room = w.int64([0, 0, 0, 0, 0, strides[0] - 1, 0, (strides[1] - 1) * b]);
    const wide = w.standard('Pad', [rows, room], { output: `${name}/spread` });
    const image = w.reshape(wide, `${name}/image`, [-1, channels, ...spread]);
    const attributes = {
      group: int(channels),
      kernel_shape: ints(...kernel),
      dilations: ints(...dilations),
      pads: ints(...before, ...after),
    };
    this.#forms.push('Conv', [image, this.#kernels.depthwise(node.inputs[1]!, true)], { attributes, of: name });
    return true;
  }

  /** Input gradient of a strided dense convolution: one product for the whole batch, scattered to the pixels that each cell saw. */
  #addScatter(name: string, node: OnnxNode, { conv, dy }: { conv: KnownConv; dy: string }): boolean {
    if (conv.strides.every((stride) => stride === 1)) return false;
    const tensors = { dy: this.#forms.toLast(dy), kernel: this.#kernels.rows(node.inputs[1]!), output: name };
    const scattered = denseInputGradient(this.#writer, tensors, conv);
    this.#forms.push('ReorderInput', [scattered], { attributes: { channels_last: int(1) }, of: name });
    return true;
  }

  /** 0 up to 0 and 1 above it, in one pass over the image where a comparison and its Cast are two: a HardSigmoid that is steep enough. */
  #addStep(node: OnnxNode): boolean {
    const comparison = node.type === 'Cast' ? this.#makers.get(node.inputs[0]!) : undefined;
    if (comparison?.type !== 'Greater' || node.attributes.to?.value !== FLOAT) return false;
    const [x, bound] = comparison.inputs as [string, string];
    const blocked = this.#forms.blocked(x);
    const isZero = this.#isScalar(bound) && this.#source.initializers.get(bound)?.data[0] === 0;
    if (blocked === undefined || !isZero) return false;
    const attributes: NodeAttributes = { alpha: { kind: 'float', value: STEEP }, beta: { kind: 'float', value: 0 } };
    const name = node.outputs[0]!;
    this.#forms.addBlocked(
      name,
      this.#writer.standard('HardSigmoid', [blocked], { output: `${name}/blocked`, attributes }),
    );
    return true;
  }

  /** The only reader of `name`, if it is of this type. */
  #mergeable(name: string, type: string): OnnxNode | undefined {
    const [reader, ...others] = this.#consumers.get(name) ?? [];
    return reader?.type === type && others.length === 0 ? reader : undefined;
  }

  #merge(node: OnnxNode): string {
    this.#merged.add(node);
    return node.outputs[0]!;
  }

  #alike(a: string, b: string): boolean {
    const [left, right] = [this.#shapes.get(a), this.#shapes.get(b)];
    return left !== undefined && right !== undefined && sameShape(left, right);
  }

  #isScalar(name: string): boolean {
    return name === '' || this.#shapes.get(name)?.length === 0;
  }

  /** One value for each channel of `lead`: [C, 1, 1] or [1, C, 1, 1]. */
  #isPerChannel(name: string, lead: string): boolean {
    const channels = this.#shapes.get(lead)?.[1];
    const shape = (this.#shapes.get(name) ?? []).join();
    return this.#forms.hasPlain(name) && (shape === `${channels},1,1` || shape === `1,${channels},1,1`);
  }

  /** One operand is blocked already, and the others are scalars, of the same shape, or one value for each channel. */
  #staysBlocked(node: OnnxNode): boolean {
    if (!layoutFree.has(node.type)) return false;
    const lead = node.inputs.find((name) => this.#forms.blocked(name) !== undefined);
    if (lead === undefined) return false;
    return node.inputs.every(
      (name) => this.#isScalar(name) || this.#alike(name, lead) || this.#isPerChannel(name, lead),
    );
  }

  #addLayoutFree(node: OnnxNode): void {
    const name = node.outputs[0]!;
    const blocked = `${name}/blocked`;
    const lead = node.inputs.find((input) => this.#forms.blocked(input) !== undefined) ?? node.inputs[0]!;
    if (node.inputs.some((input) => this.#isPerChannel(input, lead))) this.#addPerChannel(node, { lead, blocked });
    else {
      const inputs = node.inputs.map((input) => (this.#isScalar(input) ? input : this.#forms.toBlocked(input)));
      this.#writer.nodes.push({ ...node, name: blocked, inputs, outputs: [blocked] });
    }
    this.#forms.addBlocked(name, blocked, node);
  }

  /** Under the shape [N, C/b, H W, b] a value for each channel is repeated as it should be. */
  #addPerChannel(node: OnnxNode, { lead, blocked }: { lead: string; blocked: string }): void {
    const [, channels, height, width] = this.#shapes.get(lead)!.map(Number) as [number, number, number, number];
    const [b, w] = [this.#block, this.#writer];
    const inputs = node.inputs.map((input, index) => {
      if (this.#isScalar(input)) return input;
      const view = `${blocked}/operand ${index}`;
      return this.#isPerChannel(input, lead)
        ? w.reshape(input, view, [channels / b, 1, b])
        : w.reshape(this.#forms.toBlocked(input), view, [-1, channels / b, height * width, b]);
    });
    const { attributes } = node;
    w.standard(node.type, inputs, { output: `${blocked}/result`, attributes });
    w.reshape(`${blocked}/result`, blocked, [-1, channels, height, width]);
  }
}

const outside: OnnxNode = { name: '', type: '', domain: '', inputs: [], outputs: [], attributes: {} };

/** Nodes on the way to an output. */
function needed(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const live = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => live.has(name))) return false;
    for (const name of node.inputs) live.add(name);
    return true;
  });
  return kept.reverse();
}
