import { GraphBuilder } from '../onnx/graph-builder.ts';

/** A generator of repeatable numbers in [-1, 1) for tests and benches (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function noiseArray(length: number, seed: number, scale = 1): Float32Array {
  const next = noise(seed);
  return Float32Array.from({ length }, () => next() * scale);
}

/** One residual block: 'down' halves the image and changes the number of channels. */
export interface Block {
  readonly channels: number;
  readonly down?: boolean;
}

export interface ResidualLearner {
  readonly channels: number;
  readonly size: number;
  readonly blocks: readonly Block[];
  readonly dimension: number;
}

/** The shape of face-api's recogniser from its first 128-channel block on: 7 residual blocks and a projection. */
export const faceApiLearner: ResidualLearner = {
  channels: 64,
  size: 17,
  blocks: [
    { channels: 128, down: true },
    { channels: 128 },
    { channels: 128 },
    { channels: 256, down: true },
    { channels: 256 },
    { channels: 256 },
    { channels: 256, down: true },
  ],
  dimension: 128,
};

/** A learner with the blocks of face-api's recogniser (Conv, Relu, Add, Pad, AveragePool, ReduceMean, MatMul) and made-up weights. */
export function residualLearner({ channels, size, blocks, dimension }: ResidualLearner, seed = 1): Uint8Array {
  const graph = new GraphBuilder();
  let x = graph.input('features', ['N', channels, size, size]);
  let state = { channels, size };
  let count = 0;
  const weight = (dims: readonly number[], fanIn: number) =>
    graph.constant(
      noiseArray(
        dims.reduce((a, b) => a * b, 1),
        seed + count,
        Math.sqrt(3 / fanIn),
      ),
      dims,
      `w${count++}`,
    );
  const conv = (input: string, from: number, { to, stride, pad }: { to: number; stride: number; pad: number }) => {
    const inputs = [input, weight([to, from, 3, 3], from * 9), weight([to], 100)];
    return graph.op('Conv', inputs, { kernel_shape: [3, 3], strides: [stride, stride], pads: [pad, pad, pad, pad] });
  };
  for (const { channels: to, down } of blocks) {
    const first = graph.op('Relu', [conv(x, state.channels, { to, stride: down ? 2 : 1, pad: down ? 0 : 1 })]);
    let branch = conv(first, to, { to, stride: 1, pad: 1 });
    let shortcut = x;
    if (down) {
      const inner = Math.floor((state.size - 3) / 2) + 1;
      const outer = Math.floor(state.size / 2);
      shortcut = graph.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
      if (to > state.channels)
        shortcut = graph.op('Pad', [shortcut, graph.int64(0, 0, 0, 0, 0, to - state.channels, 0, 0)]);
      if (outer > inner)
        branch = graph.op('Pad', [branch, graph.int64(0, 0, 0, 0, 0, 0, outer - inner, outer - inner)]);
      state = { channels: to, size: outer };
    }
    x = graph.op('Relu', [graph.op('Add', [branch, shortcut])]);
  }
  const pooled = graph.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  graph.output(graph.op('MatMul', [pooled, weight([state.channels, dimension], state.channels)], {}, 'embedding'), [
    'N',
    dimension,
  ]);
  return graph.encode();
}

export interface MobileLearner {
  readonly channels: number;
  readonly size: number;
  readonly dimension: number;
  /** Inverted residual blocks between the two that halve the image; default 1. */
  readonly repeats?: number;
  /** Default: two-sided Clip, as ReLU6 is exported. */
  readonly activation?: 'clip' | 'prelu';
}

/** The second half of a MobileFaceNet: inverted residual blocks, the global depthwise convolution, a projection; made-up weights. */
export function mobileLearner(options: MobileLearner, seed = 1): Uint8Array {
  const { channels, size, dimension, repeats = 1, activation = 'clip' } = options;
  const graph = new GraphBuilder();
  let count = 0;
  const weight = (dims: readonly number[], scale: number) => {
    const length = dims.reduce((a, b) => a * b, 1);
    return graph.constant(noiseArray(length, seed + count, scale), dims, `w${count++}`);
  };
  const point = (x: string, from: number, to: number) =>
    graph.op('Conv', [x, weight([to, from, 1, 1], Math.sqrt(3 / from)), weight([to], 0.1)], { kernel_shape: [1, 1] });
  const deep = (x: string, wide: number, { kernel, stride, pad }: { kernel: number; stride: number; pad: number }) =>
    graph.op('Conv', [x, weight([wide, 1, kernel, kernel], Math.sqrt(3) / kernel), weight([wide], 0.1)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: wide,
    });
  const active = (x: string, wide: number) =>
    activation === 'clip'
      ? graph.op('Clip', [x, graph.scalar(0), graph.scalar(1.5)])
      : graph.op('PRelu', [x, weight([wide, 1, 1], 0.5)]);
  const block = (x: string, { from, to, stride }: { from: number; to: number; stride: number }) => {
    const wide = 2 * Math.max(from, to);
    const middle = deep(active(point(x, from, wide), wide), wide, { kernel: 3, stride, pad: 1 });
    const end = point(active(middle, wide), wide, to);
    return stride === 1 && from === to ? graph.op('Add', [x, end]) : end;
  };
  let x = block(graph.input('features', ['N', channels, size, size]), { from: channels, to: 2 * channels, stride: 2 });
  for (let at = 0; at < repeats; at++) x = block(x, { from: 2 * channels, to: 2 * channels, stride: 1 });
  x = block(x, { from: 2 * channels, to: 2 * channels, stride: 2 });
  const [side, wide] = [Math.ceil(Math.ceil(size / 2) / 2), 8 * channels];
  x = deep(active(point(x, 2 * channels, wide), wide), wide, { kernel: side, stride: 1, pad: 0 });
  const flat = graph.op('Flatten', [point(x, wide, dimension)], {}, 'embedding');
  graph.output(flat, ['N', dimension]);
  return graph.encode();
}
