import { inferSomeShapes } from '../onnx/infer.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model.ts';
import type { Shape } from '../onnx/shape.ts';
import { sameShape } from '../onnx/shape.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';
import { blockedDomain } from '../runtime/channel-blocks.ts';

/**
 * ONNX Runtime convolves about twice as fast on the CPU when channels are stored in blocks, but changes to that layout
 * by itself only where weights are constants. In a training graph they are inputs; so this pass makes the change:
 * dense convolutions (forward, and input gradients of stride 1) become blocked ones, element-wise operators between
 * them stay in the blocked layout, and Add and Relu behind them are merged into them. The function is the same.
 */
export function blockChannels(model: OnnxModel, block: number): OnnxModel {
  const pass = new BlockingPass(model.graph, block);
  for (const node of model.graph.nodes) pass.add(node);
  return { ...model, opsets: { ...model.opsets, [blockedDomain]: 1 }, graph: pass.graph() };
}

// Values at one place in, value at the same place out: the layout does not matter as long as it is the same for all.
const layoutFree = new Set([
  'Add',
  'And',
  'Greater',
  'Less',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'PRelu',
  'Relu',
  'Sign',
  'Sub',
  'Where',
]);

const comparisons = new Set(['And', 'Greater', 'Less']);

const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
const ints = (...value: number[]): OnnxAttribute => ({ kind: 'ints', value });

class BlockingPass {
  readonly #source: OnnxGraph;
  readonly #block: number;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #consumers = new Map<string, OnnxNode[]>();
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Map<string, OnnxTensor>;
  /** Tensors that exist in the ordinary layout. */
  readonly #plain: Set<string>;
  /** Blocked twins of tensors, by their ordinary names. */
  readonly #blocked = new Map<string, string>();
  readonly #weights = new Map<string, string>();
  /** Operators that make truth values, which cannot be reordered but only be made again. */
  readonly #comparisons = new Map<string, OnnxNode>();
  readonly #makers: ReadonlyMap<string, OnnxNode>;
  /** Nodes that were merged into an earlier one. */
  readonly #merged = new Set<OnnxNode>();

  constructor(graph: OnnxGraph, block: number) {
    this.#source = graph;
    this.#block = block;
    this.#shapes = inferSomeShapes(graph);
    this.#constants = new Map(graph.initializers);
    this.#makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    this.#plain = new Set([...graph.initializers.keys(), ...graph.inputs.map((input) => input.name)]);
    for (const node of graph.nodes)
      for (const name of node.inputs) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node]);
    // An output of the graph has a reader that can never be merged.
    for (const { name } of graph.outputs) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), outside]);
  }

  graph(): OnnxGraph {
    for (const output of this.#source.outputs) this.#toPlain(output.name);
    const outputs = this.#source.outputs.map((output) => output.name);
    return { ...this.#source, nodes: needed(this.#nodes, outputs), initializers: this.#constants, values: [] };
  }

  add(node: OnnxNode): void {
    if (this.#merged.has(node)) return;
    if (this.#isDenseConv(node)) this.#addConv(node);
    else if (this.#staysBlocked(node)) this.#addLayoutFree(node);
    else if (!this.#addChannelLast(node) && !this.#addChannelSum(node)) {
      for (const name of node.inputs) this.#toPlain(name);
      this.#nodes.push(node);
      for (const name of node.outputs) this.#plain.add(name);
    }
  }

  #isDenseConv(node: OnnxNode): boolean {
    if (node.type !== 'Conv' || node.domain !== '' || this.#constants.has(node.inputs[1]!)) return false;
    const group = node.attributes.group;
    const [filters, channels] = this.#shapes.get(node.inputs[1]!) ?? [];
    const whole = (size: number | string | undefined) => typeof size === 'number' && size % this.#block === 0;
    return (
      (group === undefined || group.value === 1) &&
      whole(filters) &&
      whole(channels) &&
      this.#shapes.get(node.inputs[0]!)?.length === 4
    );
  }

  #addConv(node: OnnxNode): void {
    const [x, weights, bias = ''] = node.inputs as [string, string, string?];
    const inputs = [this.#toBlocked(x), this.#blockWeights(weights), bias];
    const attributes: Record<string, OnnxAttribute> = { ...node.attributes };
    let output = node.outputs[0]!;
    const sum = this.#mergeable(output, 'Add');
    const other = sum?.inputs.find((name) => name !== output);
    if (sum && other !== undefined && this.#known(other) && this.#alike(other, output)) {
      inputs.push(this.#toBlocked(other));
      output = this.#merge(sum);
    }
    const activation = this.#mergeable(output, 'Relu');
    if (activation) {
      attributes.activation = { kind: 'string', value: 'Relu' };
      output = this.#merge(activation);
    }
    this.#push('Conv', inputs, { attributes, of: output });
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

  #known(name: string): boolean {
    return this.#plain.has(name) || this.#blocked.has(name);
  }

  #alike(a: string, b: string): boolean {
    const [left, right] = [this.#shapes.get(a), this.#shapes.get(b)];
    return left !== undefined && right !== undefined && sameShape(left, right);
  }

  #isScalar(name: string): boolean {
    return this.#shapes.get(name)?.length === 0;
  }

  /** [C, 1, 1] or [1, C, 1, 1] beside a [N, C, H, W] whose blocks are whole: a bias, a slope, a mean. */
  #isPerChannel(name: string, lead: string): boolean {
    const shape = this.#shapes.get(name) ?? [];
    const [, channels, ...side] = this.#shapes.get(lead) ?? [];
    if (side.length !== 2 || typeof channels !== 'number' || channels % this.#block !== 0) return false;
    return ([...shape].join() === `${channels},1,1` || shape.join() === `1,${channels},1,1`) && side.every(Number);
  }

  /** A per-channel value repeated over one picture, blocked: broadcasting it over the batch does not touch the layout. */
  #spread(name: string, lead: string): string {
    const [, ...sample] = this.#shapes.get(lead)!.map(Number);
    const picture = `${name}/over ${sample.join('x')}`;
    if (!this.#plain.has(picture)) {
      this.#standard('Expand', [name, this.#int64([1, ...sample])], { output: picture });
      this.#plain.add(picture);
    }
    return this.#blocked.get(picture) ?? this.#push('ReorderInput', [picture], { attributes: {}, of: picture });
  }

  /** Sums and means over all but the channels: over the batch while blocked, over the picture after. */
  #addChannelSum(node: OnnxNode): boolean {
    const [input, axesName = ''] = node.inputs as [string, string?];
    const blocked = this.#blocked.get(input);
    const [, channels, height, width] = this.#shapes.get(input) ?? [];
    const attribute = node.attributes.axes?.kind === 'ints' ? node.attributes.axes.value : undefined;
    const axes = attribute ?? Array.from(this.#constants.get(axesName)?.data ?? [], Number);
    if (!['ReduceSum', 'ReduceMean'].includes(node.type) || axes.join() !== '0,2,3') return false;
    if (blocked === undefined || ![channels, height, width].every((size) => typeof size === 'number')) return false;
    const batch = `${node.outputs[0]}/batch`;
    const first: Record<string, OnnxAttribute> = { keepdims: int(1) };
    if (attribute) first.axes = ints(0);
    const over = attribute ? [blocked] : [blocked, this.#int64([0])];
    this.#standard(node.type, over, { output: `${batch}/blocked`, attributes: first });
    this.#nodes.push(this.#reorderOutput(`${batch}/blocked`, input, { output: batch, channelsLast: 0 }));
    this.#nodes.push({ ...node, inputs: [batch, ...node.inputs.slice(1)] });
    this.#plain.add(node.outputs[0]!);
    return true;
  }

  /** One operand is blocked already, and the others are scalars, one value for each channel, or of the same shape. */
  #staysBlocked(node: OnnxNode): boolean {
    if (!layoutFree.has(node.type)) return false;
    const lead = node.inputs.find((name) => this.#blocked.has(name));
    return (
      lead !== undefined &&
      node.inputs.every((name) => this.#isScalar(name) || this.#alike(name, lead) || this.#isPerChannel(name, lead))
    );
  }

  #addLayoutFree(node: OnnxNode): void {
    const name = node.outputs[0]!;
    const blocked = `${name}/blocked`;
    const lead = node.inputs.find((input) => this.#alike(input, name)) ?? name;
    const inputs = node.inputs.map((input) => {
      if (this.#isScalar(input)) return input;
      return this.#isPerChannel(input, lead) ? this.#spread(input, lead) : this.#toBlocked(input);
    });
    this.#nodes.push({ ...node, inputs, outputs: [blocked] });
    this.#blocked.set(name, blocked);
    if (comparisons.has(node.type)) this.#comparisons.set(name, node);
  }

  /** From blocked to channel-last in one go instead of two. */
  #addChannelLast(node: OnnxNode): boolean {
    const blocked = this.#blocked.get(node.inputs[0] ?? '');
    const perm = node.attributes.perm?.kind === 'ints' ? node.attributes.perm.value.join() : '';
    if (node.type !== 'Transpose' || perm !== '0,2,3,1' || blocked === undefined) return false;
    this.#nodes.push(this.#reorderOutput(blocked, node.inputs[0]!, { output: node.outputs[0]!, channelsLast: 1 }));
    this.#plain.add(node.outputs[0]!);
    return true;
  }

  #toPlain(name: string): void {
    const blocked = this.#blocked.get(name);
    if (blocked === undefined || this.#plain.has(name)) return;
    const comparison = this.#comparisons.get(name);
    if (comparison) {
      for (const input of comparison.inputs) this.#toPlain(input);
      this.#nodes.push(comparison);
    } else {
      this.#nodes.push(this.#reorderOutput(blocked, name, { output: name, channelsLast: 0 }));
    }
    this.#plain.add(name);
  }

  #toBlocked(name: string): string {
    const done = this.#blocked.get(name);
    if (done !== undefined) return done;
    const maker = this.#makers.get(name);
    if (maker === undefined || !comparisons.has(maker.type))
      return this.#push('ReorderInput', [name], { attributes: {}, of: name });
    this.#addLayoutFree(maker);
    return this.#blocked.get(name)!;
  }

  #reorderOutput(
    blocked: string,
    name: string,
    { output, channelsLast }: { output: string; channelsLast: 0 | 1 },
  ): OnnxNode {
    const attributes = { channels: int(Number(this.#shapes.get(name)![1])), channels_last: int(channelsLast) };
    return {
      name: `reorder ${output}`,
      type: 'ReorderOutput',
      domain: blockedDomain,
      inputs: [blocked],
      outputs: [output],
      attributes,
    };
  }

  /** Adds a blocked operator whose output is the blocked twin of `of`. */
  #push(
    type: string,
    inputs: readonly string[],
    { attributes, of }: { attributes: Readonly<Record<string, OnnxAttribute>>; of: string },
  ): string {
    const output = `${of}/blocked`;
    this.#nodes.push({ name: output, type, domain: blockedDomain, inputs, outputs: [output], attributes });
    this.#blocked.set(of, output);
    return output;
  }

  /**
   * [F, C, kh, kw] to [F/b, C/b, kh, kw, b of C, b of F], under the old shape as the blocked Conv wants it. A kernel that
   * was swapped and turned for an input gradient is made from the original: as reordering of whole blocks that is cheap.
   */
  #blockWeights(name: string): string {
    const done = this.#weights.get(name);
    if (done !== undefined) return done;
    const source = this.#turnedSource(name);
    const whole = source === undefined ? this.#straightWeights(name) : this.#turnedWeights(source, name);
    this.#weights.set(name, whole);
    return whole;
  }

  #straightWeights(name: string): string {
    const [filters, channels, height, width] = this.#kernelShape(name);
    const b = this.#block;
    const split = this.#reshape(this.#channelsInside(name), `${name}/split`, [
      filters / b,
      b,
      channels / b,
      height * width * b,
    ]);
    return this.#reshape(this.#transpose(split, `${name}/moved`, [0, 2, 3, 1]), `${name}/blocked`, [
      filters,
      channels,
      height,
      width,
    ]);
  }

  #turnedWeights(source: string, name: string): string {
    const [filters, channels, height, width] = this.#kernelShape(source);
    const b = this.#block;
    const cells = height * width;
    const turned =
      cells === 1 ? this.#channelsInside(source) : this.#reverse(this.#channelsInside(source), `${name}/turned`);
    const split = this.#reshape(turned, `${name}/split`, [filters / b, b, channels / b, cells, b]);
    return this.#reshape(this.#transpose(split, `${name}/moved`, [2, 0, 3, 1, 4]), `${name}/blocked`, [
      channels,
      filters,
      height,
      width,
    ]);
  }

  /** The weights of which `name` is the swapped and turned form that Conv's gradient rule makes. */
  #turnedSource(name: string): string | undefined {
    const maker = this.#makers.get(name);
    const swap = maker?.type === 'Slice' ? this.#makers.get(maker.inputs[0]!) : maker;
    const perm = swap?.attributes.perm;
    const swaps = swap?.type === 'Transpose' && perm?.kind === 'ints' && perm.value.join() === '1,0,2,3';
    return swaps ? swap.inputs[0] : undefined;
  }

  /** [F * C/b, kh * kw, b of C]; shared by both forms of a kernel. */
  #channelsInside(name: string): string {
    const inside = `${name}/inside`;
    if (this.#plain.has(inside)) return inside;
    this.#plain.add(inside);
    const [filters, channels, height, width] = this.#kernelShape(name);
    const rows = this.#reshape(name, `${name}/rows`, [(filters * channels) / this.#block, this.#block, height * width]);
    return this.#transpose(rows, inside, [0, 2, 1]);
  }

  #kernelShape(name: string): [number, number, number, number] {
    const [filters, channels, height, width] = this.#shapes.get(name)!.map(Number);
    return [filters!, channels!, height!, width!];
  }

  #reshape(input: string, output: string, sizes: readonly number[]): string {
    return this.#standard('Reshape', [input, this.#int64(sizes)], { output });
  }

  #transpose(input: string, output: string, perm: readonly number[]): string {
    return this.#standard('Transpose', [input], { output, attributes: { perm: ints(...perm) } });
  }

  /** Reverses axis 1. */
  #reverse(input: string, output: string): string {
    const [back, end] = [this.#int64([-1]), this.#int64([-0x7fffffff])];
    return this.#standard('Slice', [input, back, end, this.#int64([1]), back], { output });
  }

  #standard(
    type: string,
    inputs: readonly string[],
    { output, attributes = {} }: { output: string; attributes?: Readonly<Record<string, OnnxAttribute>> },
  ): string {
    this.#nodes.push({ name: output, type, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  #int64(values: readonly number[]): string {
    const name = `int64 ${values.join(' ')}`;
    this.#constants.set(name, { name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
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
