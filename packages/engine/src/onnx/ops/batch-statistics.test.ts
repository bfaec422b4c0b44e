import { describe, it } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../../runtime/session.ts';
import { differentiate } from '../../training/autodiff.ts';
import { noiseArray } from '../../training/fixtures.ts';
import { GraphBuilder } from '../graph-builder.ts';
import type { OnnxNode } from '../model.ts';
import { elementCount } from '../tensor.ts';
import { expectClose } from '../testing/check-gradient.ts';
import { batchTensors, writeBatchNormalization } from './batch-statistics.ts';

const epsilon = 1e-3;

/** Batch normalisation of [N, C, ...] in float64. */
function reference(x: Float64Array, dims: readonly number[], affine: { scale: Float64Array; shift: Float64Array }) {
  const [count, channels, ...rest] = dims as [number, number, ...number[]];
  const area = elementCount(rest);
  const y = new Float64Array(x.length);
  const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
  for (let c = 0; c < channels; c++) {
    const at = (i: number) => (Math.floor(i / area) * channels + c) * area + (i % area);
    const all = Array.from({ length: count * area }, (_, i) => x[at(i)]!);
    const mean = all.reduce((a, b) => a + b) / all.length;
    const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
    all.forEach((value, i) => {
      y[at(i)] = ((value - mean) / Math.sqrt(variance + epsilon)) * affine.scale[c]! + affine.shift[c]!;
    });
    [means[c], variances[c]] = [mean, variance];
  }
  return { y, means, variances };
}

/** y, dx, dscale and dshift as ONNX Runtime computes them from our graph. */
async function measured(dims: readonly number[], feeds: Record<string, Float32Array>) {
  const graph = new GraphBuilder();
  const shape = ['N', ...dims.slice(1)];
  const channels = dims[1]!;
  graph.input('x', shape);
  for (const name of ['scale', 'shift']) graph.input(name, [channels]);
  const node: OnnxNode = {
    name: 'norm',
    type: 'BatchNormalization',
    domain: '',
    inputs: ['x', 'scale', 'shift', '', ''],
    outputs: ['y'],
    attributes: { epsilon: { kind: 'float', value: epsilon }, training_mode: { kind: 'int', value: 1 } },
  };
  writeBatchNormalization(graph, node, shape);
  const shapes = new Map<string, readonly (number | string)[]>([
    ['x', shape],
    ['scale', [channels]],
    ['shift', [channels]],
    ['y', shape],
  ]);
  const gradients = differentiate({
    graph,
    nodes: [node],
    shapes,
    constants: new Map(),
    seeds: new Map([['y', graph.input('dy', shape)]]),
    targets: new Set(['x', 'scale', 'shift']),
  });
  for (const name of ['y', batchTensors.mean('y'), batchTensors.variance('y')]) graph.output(name);
  for (const [name, gradient] of gradients) graph.output(graph.op('Identity', [gradient], {}, `d${name}`));
  const session = await OrtSession.create(graph.encode(), { threads: 1 });
  const results = await session.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, data]) => [
        name,
        floatTensor(data, data.length === channels ? [channels] : dims),
      ]),
    ),
  );
  await session.dispose();
  return (name: string) => floatData(results[name], name);
}

describe('batch normalisation in training mode', () => {
  it.each([{ dims: [3, 4, 5, 2] }, { dims: [6, 5] }, { dims: [2, 32, 3, 3] }])(
    'normalises $dims by the batch and has the gradients that central differences find',
    async ({ dims }) => {
      const size = elementCount(dims);
      const channels = dims[1]!;
      const feeds = {
        x: noiseArray(size, 1).map((value) => 2 * value + 0.7),
        scale: noiseArray(channels, 2).map((value) => value + 1.5),
        shift: noiseArray(channels, 3),
        dy: noiseArray(size, 4),
      };
      const output = await measured(dims, feeds);
      const exact = (name: 'x' | 'scale' | 'shift') => Float64Array.from(feeds[name]);
      const all = { x: exact('x'), scale: exact('scale'), shift: exact('shift') };
      const { y, means, variances } = reference(all.x, dims, all);
      expectClose(output('y'), y, { label: 'y', tolerance: 1e-4 });
      expectClose(output(batchTensors.mean('y')), means, { label: 'mean', tolerance: 1e-4 });
      expectClose(output(batchTensors.variance('y')), variances, { label: 'variance', tolerance: 1e-4 });
      const step = 1e-5;
      for (const name of ['x', 'scale', 'shift'] as const) {
        const loss = (moved: Float64Array) => {
          const given = { ...all, [name]: moved };
          return reference(given.x, dims, given).y.reduce((sum, value, at) => sum + value * feeds.dy[at]!, 0);
        };
        const differences = all[name].map(
          (value, at) => (loss(all[name].with(at, value + step)) - loss(all[name].with(at, value - step))) / (2 * step),
        );
        expectClose(output(`d${name}`), differences, { label: `d${name}`, tolerance: 1e-3 });
      }
    },
  );
});
