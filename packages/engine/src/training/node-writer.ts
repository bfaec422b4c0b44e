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

  /** Reverses `axis`. */
  reverse(input: string, output: string, axis: number): string {
    const [back, end] = [this.int64([-1]), this.int64([-0x7fffffff])];
    return this.standard('Slice', [input, back, end, this.int64([axis]), back], { output });
  }

  int64(values: readonly number[]): string {
    const name = `int64 ${values.join(' ')}`;
    this.constants.set(name, { name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  #write(node: OnnxNode): string {
    this.nodes.push(node);
    return node.outputs[0]!;
  }
}
