import type { OnnxNode } from '../onnx/model.ts';
import type { Shape } from '../onnx/shape.ts';
import { int, type NodeAttributes, type NodeWriter } from './node-writer.ts';

const comparisons = new Set(['And', 'Greater', 'Less']);

interface FormsInput {
  readonly block: number;
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Tensors that exist in the ordinary layout from the beginning. */
  readonly plain: Iterable<string>;
  /** Which operator of the original graph makes a tensor. */
  readonly makers: ReadonlyMap<string, OnnxNode>;
  /** Writes an operator of the original graph in the blocked layout, and says so with `addBlocked`. */
  readonly writeBlocked: (node: OnnxNode) => void;
}

/** The layouts in which each tensor of a graph that is being written exists already; others are made on demand, once. */
export class TensorForms {
  readonly #writer: NodeWriter;
  readonly #block: number;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #makers: ReadonlyMap<string, OnnxNode>;
  readonly #writeBlocked: (node: OnnxNode) => void;
  /** Tensors that exist in the ordinary layout, [N, C, H, W]. */
  readonly #plain: Set<string>;
  /** Blocked twins of tensors, by their ordinary names. */
  readonly #blocked = new Map<string, string>();
  /** Channel-last twins. */
  readonly #last = new Map<string, string>();
  /** Tensors that have a channel-first twin. */
  readonly #first = new Set<string>();
  /** Operators that make truth values, which cannot be reordered but only be made again. */
  readonly #comparisons = new Map<string, OnnxNode>();

  constructor(writer: NodeWriter, { block, shapes, plain, makers, writeBlocked }: FormsInput) {
    this.#writer = writer;
    this.#block = block;
    this.#shapes = shapes;
    this.#makers = makers;
    this.#writeBlocked = writeBlocked;
    this.#plain = new Set(plain);
  }

  /** Notes that a tensor exists in the ordinary layout. */
  addPlain(name: string): void {
    this.#plain.add(name);
  }

  /** Notes that `twin` is a tensor in blocks; `node` made it. */
  addBlocked(name: string, twin: string, node?: OnnxNode): void {
    this.#blocked.set(name, twin);
    if (node && comparisons.has(node.type)) this.#comparisons.set(name, node);
  }

  hasPlain(name: string): boolean {
    return this.#plain.has(name);
  }

  has(name: string): boolean {
    return this.hasPlain(name) || this.#blocked.has(name);
  }

  /** The blocked twin, if there is one. */
  blocked(name: string): string | undefined {
    return this.#blocked.get(name);
  }

  /** [N, H, W, C], from whichever form there is. */
  toLast(name: string): string {
    const done = this.#last.get(name);
    if (done !== undefined) return done;
    const output = `${name}/last`;
    const blocked = this.#blocked.get(name);
    if (blocked === undefined) this.#writer.transpose(name, output, [0, 2, 3, 1]);
    else this.#reorderOutput(blocked, name, { output, channelsLast: 1 });
    this.#last.set(name, output);
    return output;
  }

  /** [C, N, H, W], or where its pixels are in blocks [C/b, b, 1, N H W], which is the same: whole blocks are moved first, they are longer. */
  toFirst(name: string): string {
    const output = `${name}/first`;
    if (this.#first.has(name)) return output;
    this.#first.add(name);
    const blocked = this.#blocked.get(name);
    if (blocked === undefined) return this.#writer.transpose(name, output, [1, 0, 2, 3]);
    const [, channels, height, width] = this.#shapes.get(name)!.map(Number) as [number, number, number, number];
    const [w, b] = [this.#writer, this.#block];
    const split = w.reshape(blocked, `${output}/split`, [-1, channels / b, height * width * b]);
    const moved = w.reshape(w.transpose(split, `${output}/moved`, [1, 0, 2]), `${output}/blocks`, [
      channels / b,
      b,
      1,
      -1,
    ]);
    return w.blocked('ReorderOutput', [moved], { output, attributes: { channels: int(b), channels_last: int(0) } });
  }

  toPlain(name: string): void {
    const blocked = this.#blocked.get(name);
    if (blocked === undefined || this.#plain.has(name)) return;
    const comparison = this.#comparisons.get(name);
    if (comparison) {
      for (const input of comparison.inputs) this.toPlain(input);
      this.#writer.nodes.push(comparison);
    } else {
      this.#reorderOutput(blocked, name, { output: name, channelsLast: 0 });
    }
    this.#plain.add(name);
  }

  toBlocked(name: string): string {
    const done = this.#blocked.get(name);
    if (done !== undefined) return done;
    const maker = this.#makers.get(name);
    if (maker === undefined || !comparisons.has(maker.type))
      return this.push('ReorderInput', [name], { attributes: {}, of: name });
    this.#writeBlocked(maker);
    return this.#blocked.get(name)!;
  }

  /** Adds a blocked operator whose output is the blocked twin of `of`. */
  push(
    type: string,
    inputs: readonly string[],
    { attributes, of }: { attributes: NodeAttributes; of: string },
  ): string {
    const output = this.#writer.blocked(type, inputs, { output: `${of}/blocked`, attributes });
    this.#blocked.set(of, output);
    return output;
  }

  #reorderOutput(
    blocked: string,
    name: string,
    { output, channelsLast }: { output: string; channelsLast: 0 | 1 },
  ): void {
    const attributes = { channels: int(Number(this.#shapes.get(name)![1])), channels_last: int(channelsLast) };
    this.#writer.blocked('ReorderOutput', [blocked], { output, attributes });
  }
}
