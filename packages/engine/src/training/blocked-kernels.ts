import type { OnnxNode } from '../onnx/model.ts';
import type { Shape } from '../onnx/shape.ts';
import type { NodeWriter } from './node-writer.ts';

type KernelShape = readonly [filters: number, channels: number, height: number, width: number];

/**
 * Kernels in the forms that blocked convolutions want, under their ordinary shape: [F, C, kh, kw] as
 * [F/b, C/b, kh, kw, b of C, b of F], depthwise [C, 1, kh, kw] as [C/b, kh, kw, b]. A kernel that was swapped and turned
 * for an input gradient is made from the original. What looks like reordering an image swaps the two axes of many small
 * matrices here: ONNX Runtime does that some twenty times faster than its Transpose.
 */
export class BlockedKernels {
  readonly #writer: NodeWriter;
  readonly #block: number;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #makers: ReadonlyMap<string, OnnxNode>;
  readonly #done = new Map<string, string>();

  constructor(
    writer: NodeWriter,
    block: number,
    { shapes, makers }: { shapes: ReadonlyMap<string, Shape>; makers: ReadonlyMap<string, OnnxNode> },
  ) {
    this.#writer = writer;
    this.#block = block;
    this.#shapes = shapes;
    this.#makers = makers;
  }

  dense(name: string): string {
    const source = this.#swappedSource(name);
    return this.#once(`${name}/blocked`, (output) =>
      source === undefined ? this.#straight(name, output) : this.#turned(source, name, output),
    );
  }

  /** As a matrix [F, kh * kw * C]. */
  rows(name: string): string {
    return this.#once(`${name}/matrix`, (output) => {
      const [filters, channels, height, width] = this.#kernelShape(name);
      const [b, w] = [this.#block, this.#writer];
      const [cells, parts] = [height * width, channels / b];
      if (cells === 1) return w.reshape(name, output, [filters, channels]);
      const split = w.reshape(this.#channelsInside(name), `${output}/split`, [filters, parts * cells, b]);
      const moved = w.gather(split, `${output}/moved`, {
        axis: 1,
        order: () => Array.from({ length: cells * parts }, (_, i) => (i % parts) * cells + Math.floor(i / parts)),
        orderName: `cells first ${cells} ${parts}`,
      });
      return w.reshape(moved, output, [filters, cells * channels]);
    });
  }

  /** @param turned by 180 degrees, for the input gradient */
  depthwise(name: string, turned = false): string {
    const source = this.#reversedSource(name);
    if (source !== undefined) return this.depthwise(source, !turned);
    return this.#once(`${name}/deep${turned ? '/turned' : ''}`, (output) => {
      const [filters, , height, width] = this.#kernelShape(name);
      const [b, w] = [this.#block, this.#writer];
      const cells = [filters / b, height * width, b];
      let kernel = w.reshape(name, `${output}/rows`, [filters / b, b, 1, height * width]);
      kernel = w.blocked('ReorderInput', [kernel], { output: `${output}/moved` });
      if (turned) {
        const split = w.reshape(kernel, `${output}/cells`, cells);
        kernel = w.reverse(split, `${output}/reversed`, { axis: 1, size: height * width });
      }
      return w.reshape(kernel, output, [filters, 1, height, width]);
    });
  }

  #straight(name: string, output: string): string {
    const [filters, channels, height, width] = this.#kernelShape(name);
    const [b, w] = [this.#block, this.#writer];
    const rows = w.reshape(this.#channelsInside(name), `${output}/rows`, [
      filters / b,
      b,
      1,
      channels * height * width,
    ]);
    const moved = w.blocked('ReorderInput', [rows], { output: `${output}/moved` });
    return w.reshape(moved, output, [filters, channels, height, width]);
  }

  #turned(source: string, name: string, output: string): string {
    const [filters, channels, height, width] = this.#kernelShape(source);
    const [b, w] = [this.#block, this.#writer];
    const cells = height * width;
    const rows = w.reshape(this.#channelsInside(source), `${name}/rows`, [-1, b]);
    const sizes = { filters, channels, cells, block: b };
    const moved = w.gather(rows, `${name}/moved`, {
      axis: 0,
      order: () => turnedRows(sizes),
      orderName: `turned ${filters} ${channels} ${cells} ${b}`,
    });
    return w.reshape(moved, output, [channels, filters, height, width]);
  }

  /** [F, C/b, kh * kw, b of C], under whatever shape; shared by both forms of a kernel. */
  #channelsInside(name: string): string {
    return this.#once(`${name}/inside`, (output) => {
      const [filters, channels, height, width] = this.#kernelShape(name);
      const [b, w] = [this.#block, this.#writer];
      const rows = [(filters * channels) / b, b, 1, height * width];
      if (height * width === 1) return w.reshape(name, output, rows);
      return w.blocked('ReorderInput', [name], { output });
    });
  }

  /** The weights of which `name` is the swapped and turned form that Conv's gradient rule makes. */
  #swappedSource(name: string): string | undefined {
    const maker = this.#makers.get(name);
    const swap = maker?.type === 'Slice' ? this.#makers.get(maker.inputs[0]!) : maker;
    const perm = swap?.attributes.perm;
    const swaps = swap?.type === 'Transpose' && perm?.kind === 'ints' && perm.value.join() === '1,0,2,3';
    return swaps ? swap.inputs[0] : undefined;
  }

  /** The weights of which `name` is the turned form that Conv's gradient rule makes for depthwise kernels. */
  #reversedSource(name: string): string | undefined {
    const maker = this.#makers.get(name);
    return maker?.type === 'Slice' ? maker.inputs[0] : undefined;
  }

  #kernelShape(name: string): KernelShape {
    const [filters, channels, height, width] = this.#shapes.get(name)!.map(Number);
    return [filters!, channels!, height!, width!];
  }

  #once(name: string, make: (output: string) => string): string {
    const done = this.#done.get(name) ?? make(name);
    this.#done.set(name, done);
    return done;
  }
}

/**
 * Where the rows of b channels of a kernel [C/b, F/b, cells turned, b of F] come from in one of [F, C/b, cells]. Blocked like that a
 * kernel is ready for the input gradient, whose filters are the channels.
 */
function turnedRows(of: { filters: number; channels: number; cells: number; block: number }): number[] {
  const { filters, channels, cells, block } = of;
  const parts = channels / block;
  const rows: number[] = [];
  for (let part = 0; part < parts; part++)
    for (let first = 0; first < filters; first += block)
      for (let cell = cells - 1; cell >= 0; cell--)
        for (let filter = first; filter < first + block; filter++) rows.push((filter * parts + part) * cells + cell);
  return rows;
}
