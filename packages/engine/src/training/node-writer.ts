import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../onnx/model.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';
import { blockedDomain } from '../runtime/channel-blocks.ts';

export type NodeAttributes = Readonly<Record<string, OnnxAttribute>>;

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (...value: number[]): OnnxAttribute => ({ kind: 'ints', value });

/** Collects the nodes and constants of a graph that a pass writes anew. Every tensor is named by its caller. */
export class NodeWriter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: Map<string, OnnxTensor>;

  constructor(graph: OnnxGraph) {
    this.constants = new Map(graph.initializers);
  }

  /** An operator of ONNX's own set. */
  standard(
    type: string,
    inputs: readonly string[],
    { output, attributes = {} }: { output: string; attributes?: NodeAttributes },
  ): string {
    return this.#write({ name: `write ${output}`, type, domain: '', inputs, outputs: [output], attributes });
  }

  /** An operator on images whose channels are stored in blocks. */
  blocked(
    type: string,
    inputs: readonly string[],
    { output, attributes = {} }: { output: string; attributes?: NodeAttributes },
  ): string {
    return this.#write({ name: `write ${output}`, type, domain: blockedDomain, inputs, outputs: [output], attributes });
  }

  /** The same memory under other sizes; -1 is worked out. */
  reshape(input: string, output: string, sizes: readonly number[]): string {
    return this.standard('Reshape', [input, this.int64(sizes)], { output });
  }

  transpose(input: string, output: string, perm: readonly number[]): string {
    return this.standard('Transpose', [input], { output, attributes: { perm: ints(...perm) } });
  }

  /** Reverses `axis`, which has `size` slices. */
  reverse(input: string, output: string, { axis, size }: { axis: number; size: number }): string {
    const order = () => Array.from({ length: size }, (_, i) => size - 1 - i);
    return this.gather(input, output, { axis, order, orderName: `reversed ${size}` });
  }

  /** Slices along `axis` in another order, or several times; runs on all threads, where Slice and Transpose run on one. */
  gather(
    input: string,
    output: string,
    { axis, order, orderName }: { axis: number; order: () => number[]; orderName: string },
  ): string {
    const known = `order ${orderName}`;
    const indices = this.constants.has(known) ? known : this.int64(order(), known);
    return this.standard('Gather', [input, indices], { output, attributes: { axis: int(axis) } });
  }

  scalar(value: number): string {
    const name = `scalar ${value}`;
    this.constants.set(name, { name, type: 'float32', dims: [], data: Float32Array.of(value) });
    return name;
  }

  /** @param name of the constant; the same name is the same values */
  int64(values: readonly number[], name = `int64 ${values.join(' ')}`): string {
    this.constants.set(name, { name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  #write(node: OnnxNode): string {
    this.nodes.push(node);
    return node.outputs[0]!;
  }
}
