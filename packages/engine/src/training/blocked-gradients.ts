import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import { type Window, windowOf } from '../onnx/ops/window.ts';
import type { Shape } from '../onnx/shape.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';
import { blockedDomain } from '../runtime/channel-blocks.ts';
import { int, ints, type NodeWriter } from './node-writer.ts';

/** A Conv with all sizes known. */
export interface KnownConv extends Window {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
}

/** The sizes of a Conv, or undefined where they are not known or its weights do not fit. */
export function knownConv(
  node: OnnxNode,
  shapes: ReadonlyMap<string, Shape>,
  constants: ReadonlyMap<string, OnnxTensor>,
): KnownConv | undefined {
  const [image, kernel] = [shapes.get(node.inputs[0]!), shapes.get(node.inputs[1]!)];
  if (node.type !== 'Conv' || node.domain !== '' || image?.length !== 4 || kernel?.length !== 4) return undefined;
  const fixed = [...image.slice(1), ...kernel];
  if (!fixed.every((size) => typeof size === 'number')) return undefined;
  const view = new OperatorView(node, shapes, constants);
  const window = windowOf(view, kernel.slice(2) as number[]);
  return { ...window, channels: image[1] as number, filters: kernel[0] as number, groups: view.int('group', 1) };
}

export function isDepthwise({ channels, filters, groups }: KnownConv): boolean {
  return groups === channels && filters === channels;
}

/** True when the kernel sees the whole image at once and makes one value of it. */
export function isGlobal({ kernel, input, pads }: KnownConv): boolean {
  return kernel[0] === input[0] && kernel[1] === input[1] && pads.every((pad) => pad === 0);
}

/**
 * dW [C, 1, kh, kw] of a depthwise convolution from its blocked input and output gradient. Where channels are blocked,
 * several samples of C channels lie in memory like one sample of several times C channels, and an output gradient like
 * one filter for each of them: so dW of these samples is itself ONE depthwise convolution, and nothing is moved. A Scan
 * goes over the batch, `together` samples at a time, because the number of filters of a convolution is fixed.
 */
export function depthwiseWeightGradient(
  writer: NodeWriter,
  { x, dy, output }: { x: string; dy: string; output: string },
  { conv, block, together }: { conv: KnownConv; block: number; together: number },
): string {
  const { channels, kernel, input, strides, dilations, pads } = conv;
  const many = together * channels;
  const name = `${output}/scan`;
  const image = writer.reshape(x, `${output}/images`, [-1, 1, many, ...input]);
  const filters = writer.reshape(dy, `${output}/filters`, [-1, many, 1, ...conv.output]);
  const body = convolutionBody(name, {
    image: [1, many, ...input],
    filter: [many, 1, ...conv.output],
    // Room beyond the last cell that an output saw would give the kernel more cells than it has.
    attributes: {
      group: int(many),
      kernel_shape: ints(...conv.output),
      strides: ints(...dilations),
      dilations: ints(...strides),
      pads: ints(...gradientPads(conv, pads)),
    },
    result: [1, many, ...kernel],
  });
  const scanned = writer.standard('Scan', [image, filters], {
    output: name,
    attributes: { body: { kind: 'graph', value: body }, num_scan_inputs: int(2) },
  });
  const cells = kernel[0] * kernel[1];
  const rows = writer.reshape(scanned, `${output}/each`, [-1, channels * cells]);
  const sum = writer.standard('ReduceSum', [rows, writer.int64([0])], {
    output: `${output}/summed`,
    attributes: { keepdims: int(0) },
  });
  const blocked = writer.reshape(sum, `${output}/blocks`, [channels / block, block, 1, cells]);
  const plain = writer.blocked('ReorderOutput', [blocked], {
    output: `${output}/plain`,
    attributes: { channels: int(block) },
  });
  return writer.reshape(plain, output, [channels, 1, ...kernel]);
}

/** Pads with which dy, dilated by the strides, fits into the image exactly as often as the kernel has cells; may crop. */
export function gradientPads({ kernel, input, output, strides, dilations }: Window, pads: Window['pads']): number[] {
  const end = (axis: 0 | 1) =>
    (kernel[axis] - 1) * dilations[axis] + strides[axis] * (output[axis] - 1) + 1 - input[axis] - pads[axis];
  return [pads[0], pads[1], end(0), end(1)];
}

function convolutionBody(
  name: string,
  parts: { image: number[]; filter: number[]; result: number[]; attributes: OnnxNode['attributes'] },
): OnnxGraph {
  const value = (tensor: string, shape: number[]) => ({ name: `${name}/${tensor}`, type: 'float32', shape }) as const;
  const [image, filter, result] = [
    value('image', parts.image),
    value('filter', parts.filter),
    value('result', parts.result),
  ];
  const node: OnnxNode = {
    name: result.name,
    type: 'Conv',
    domain: blockedDomain,
    inputs: [image.name, filter.name],
    outputs: [result.name],
    attributes: parts.attributes,
  };
  return {
    name: `${name}/body`,
    inputs: [image, filter],
    outputs: [result],
    nodes: [node],
    initializers: new Map(),
    values: [],
  };
}

/**
 * dW [F, kh kw C] of a dense convolution from channel-last x [N, H, W, C] and channel-first dy [F, N, H', W']: the image unrolled
 * to [N H' W', kh kw C], and one large matrix product, which is quicker for not having to turn dy itself.
 */
export function denseWeightGradient(
  writer: NodeWriter,
  { x, dy, output }: { x: string; dy: string; output: string },
  conv: KnownConv,
): string {
  const { channels, filters, kernel } = conv;
  const cells = kernel[0] * kernel[1];
  const columns = writer.reshape(unrolled(writer, x, { conv, output }), `${output}/columns`, [-1, cells * channels]);
  const rows = writer.reshape(dy, `${output}/rows`, [filters, -1]);
  return writer.standard('MatMul', [rows, columns], { output: `${output}/product` });
}

/** The weights [F, C, kh, kw] from [F, kh kw C]. */
export function cellsLast(
  writer: NodeWriter,
  { rows, output }: { rows: string; output: string },
  { conv, block }: { conv: KnownConv; block: number },
): string {
  const { channels, filters, kernel } = conv;
  const cells = kernel[0] * kernel[1];
  if (cells === 1) return writer.reshape(rows, output, [filters, channels, 1, 1]);
  const parts = channels / block;
  const split = writer.reshape(rows, `${output}/split`, [filters, cells * parts, block]);
  const moved = writer.gather(split, `${output}/moved`, {
    axis: 1,
    order: () => Array.from({ length: cells * parts }, (_, i) => (i % cells) * parts + Math.floor(i / cells)),
    orderName: `swapped ${cells} ${parts}`,
  });
  const blocks = writer.reshape(moved, `${output}/blocks`, [filters, channels, 1, cells]);
  const plain = writer.blocked('ReorderOutput', [blocks], {
    output: `${output}/plain`,
    attributes: { channels: int(channels) },
  });
  return writer.reshape(plain, output, [filters, channels, ...kernel]);
}

/**
 * dx [N, H, W, C] of a dense convolution from channel-last dy [N, H', W', F] and its kernel [F, kh kw C]: what each output place passes to
 * each cell in one large matrix product, and for each pixel the sum of what the cells pass that saw it.
 */
export function denseInputGradient(
  writer: NodeWriter,
  { dy, kernel, output }: { dy: string; kernel: string; output: string },
  conv: KnownConv,
): string {
  const { channels, filters, input } = conv;
  const places = conv.output[0] * conv.output[1];
  const cells = conv.kernel[0] * conv.kernel[1];
  const rows = writer.reshape(dy, `${output}/rows`, [-1, filters]);
  const product = writer.standard('MatMul', [rows, kernel], { output: `${output}/product` });
  const passed = writer.reshape(product, `${output}/passed`, [-1, places * cells, channels]);
  const givers = pixelGivers(conv);
  const nobody = places * cells;
  const most = Math.max(1, ...givers.map(({ length }) => length));
  const source = givers.every(({ length }) => length === most) ? passed : zeroRow(writer, passed, output);
  const shares = Array.from({ length: most }, (_, turn) =>
    writer.gather(source, `${output}/share ${turn}`, {
      axis: 1,
      order: () => givers.map((giver) => giver[turn] ?? nobody),
      orderName: `giver ${turn} ${windowName(conv)}`,
    }),
  );
  const sum = shares.reduce((total, share, turn) =>
    writer.standard('Add', [total, share], { output: `${output}/sum ${turn}` }),
  );
  return writer.reshape(sum, `${output}/scattered`, [-1, ...input, channels]);
}

/**
 * dx of an average pool whose windows lie side by side, in blocks like dy: each pixel gets its share of its window's gradient.
 * Pixels that no window reached get nothing.
 */
export function poolGradient(
  writer: NodeWriter,
  { dy, output }: { dy: string; output: string },
  { window, channels, block }: { window: Window; channels: number; block: number },
): string {
  const { kernel, input } = window;
  const places = window.output[0] * window.output[1];
  const share = writer.standard('Mul', [dy, writer.scalar(1 / (kernel[0] * kernel[1]))], { output: `${output}/share` });
  const windows = writer.reshape(share, `${output}/windows`, [-1, places, block]);
  const givers = pixelGivers(window);
  const source = givers.every(({ length }) => length > 0) ? windows : zeroRow(writer, windows, output);
  const spread = writer.gather(source, `${output}/spread`, {
    axis: 1,
    order: () => givers.map(([giver]) => (giver === undefined ? places : Math.floor(giver / (kernel[0] * kernel[1])))),
    orderName: `window of ${windowName(window)}`,
  });
  return writer.reshape(spread, output, [-1, channels, ...input]);
}

/** [N, rows, C] with a row of zeros behind the others. */
function zeroRow(writer: NodeWriter, rows: string, output: string): string {
  return writer.standard('Pad', [rows, writer.int64([0, 0, 0, 0, 1, 0])], { output: `${output}/padded` });
}

/** For each pixel the positions (place * cells + cell) of the output places and cells of the kernel that see it. */
function pixelGivers(window: Window): number[][] {
  const givers = Array.from({ length: window.input[0] * window.input[1] }, (): number[] => []);
  for (const [giver, pixel] of seenPixels(window).entries()) givers[pixel]?.push(giver);
  return givers;
}

/** Tells windows apart that see different pixels. */
function windowName({ kernel, input, output, strides, dilations, pads }: Window): string {
  return JSON.stringify([input, output, kernel, strides, dilations, pads]);
}

/**
 * What each output place sees of a channel-last image, [N, H' W' kh kw, C]. One Gather, which runs on all threads, where a
 * Slice for each cell and their Concat would write everything twice on one.
 */
function unrolled(writer: NodeWriter, x: string, { conv, output }: { conv: KnownConv; output: string }): string {
  if (isPointwise(conv)) return x;
  const { channels, input } = conv;
  const places = input[0] * input[1];
  const pixels = writer.reshape(x, `${output}/pixels`, [-1, places, channels]);
  // Behind the last pixel one of zeros stands for all that lie outside.
  const padded = conv.pads.some((pad) => pad > 0) ? zeroRow(writer, pixels, output) : pixels;
  return writer.gather(padded, `${output}/unrolled`, {
    axis: 1,
    order: () => seenPixels(conv),
    orderName: `seen ${windowName(conv)}`,
  });
}

/** For each output place and cell of the kernel the position of the pixel that it sees; H W when that lies outside. */
function seenPixels({ kernel, input, output, strides, dilations, pads }: Window): number[] {
  const seen: number[] = [];
  for (let place = 0; place < output[0] * output[1]; place++) {
    for (let cell = 0; cell < kernel[0] * kernel[1]; cell++) {
      const y = Math.floor(place / output[1]) * strides[0] + Math.floor(cell / kernel[1]) * dilations[0] - pads[0];
      const x = (place % output[1]) * strides[1] + (cell % kernel[1]) * dilations[1] - pads[1];
      const inside = y >= 0 && y < input[0] && x >= 0 && x < input[1];
      seen.push(inside ? y * input[1] + x : input[0] * input[1]);
    }
  }
  return seen;
}

function isPointwise({ kernel, strides, pads }: KnownConv): boolean {
  return [...kernel, ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0);
}
