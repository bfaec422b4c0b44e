import { createRandom } from '@saface/core';
import { GraphBuilder } from '@saface/engine';

/** Pixels of the square crops, and length of an embedding. */
export const bodyNetwork = { size: 64, dimension: 64, cut: 'stage-2', output: 'embedding' } as const;

/** Each stage halves the picture and adds one residual layer. */
const stages = [16, 32, 64, 96] as const;

/**
 * An untrained network for whole people: four stages of 3x3 convolutions, then a fully connected layer over the 4x4 grid that
 * is left, so that it stays known what is a head and what are shoes. About 0.3 million weights. Input `input`
 * [N, 3, 64, 64], output `embedding` [N, 64]; it can be cut at `stage-1` to `stage-4`.
 */
export function buildBodyNetwork(seed: number): Uint8Array {
  const graph = new GraphBuilder();
  const random = createRandom(seed);
  const weight = (name: string, dims: readonly number[], gain: number) => {
    const fanIn = dims.slice(1).reduce((a, b) => a * b, 1);
    const range = gain * Math.sqrt(3 / fanIn);
    const data = Float32Array.from({ length: dims[0] * fanIn }, () => (2 * random() - 1) * range);
    return graph.constant(data, dims, name);
  };
  const conv = (x: string, name: string, { from, to, stride, gain }: ConvShape) =>
    graph.op(
      'Conv',
      [x, weight(`${name}/weight`, [to, from, 3, 3], gain), graph.constant(new Float32Array(to), [to], `${name}/bias`)],
      { kernel_shape: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] },
    );
  let x = graph.input('input', ['batch', 3, bodyNetwork.size, bodyNetwork.size]);
  let from = 3;
  for (const [at, channels] of stages.entries()) {
    const name = `stage-${at + 1}`;
    x = graph.op('Relu', [conv(x, `${name}/down`, { from, to: channels, stride: 2, gain: Math.SQRT2 })]);
    // The residual layer starts small: the network begins shallow and deepens as it learns.
    const branch = graph.op('Relu', [conv(x, `${name}/more`, { from: channels, to: channels, stride: 1, gain: 0.5 })]);
    x = graph.op('Add', [x, branch], {}, name);
    from = channels;
  }
  const flat = graph.op('Flatten', [x], { axis: 1 });
  const { dimension, output } = bodyNetwork;
  const inputs = [
    flat,
    weight('fc/weight', [dimension, from * 16], 1),
    graph.constant(new Float32Array(dimension), [dimension], 'fc/bias'),
  ];
  graph.output(graph.op('Gemm', inputs, { transB: 1 }, output), ['batch', dimension]);
  return graph.encode();
}

interface ConvShape {
  readonly from: number;
  readonly to: number;
  readonly stride: 1 | 2;
  /** Of the initial weights. */
  readonly gain: number;
}
