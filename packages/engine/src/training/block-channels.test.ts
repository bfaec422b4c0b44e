import { Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { blockedDomain, channelBlock } from '../runtime/channel-blocks.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { blockChannels } from './block-channels.ts';
import { mobileLearner, noiseArray, residualLearner } from './fixtures.ts';
import { type OpenLearner, openLearner } from './open-learner.ts';
import { buildTrainingGraph, groupNames, scalarNames, updateGroups, weightsOf } from './training-graph.ts';

const shape = {
  channels: 16,
  size: 9,
  blocks: [{ channels: 16 }, { channels: 32, down: true }, { channels: 32 }, { channels: 48, down: true }],
  dimension: 5,
};

const noBlocks = 'this build of ONNX Runtime has no blocked convolutions';

it('computes the same loss, gradients and update with channels in blocks', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const learner = openLearner({ learner: residualLearner(shape) });
  const plain = buildTrainingGraph(learner.model, learner.parameters, 'cosine').build();
  const blocked = blockChannels(plain, block);
  const convolutions = (model: OnnxModel, domain: string) =>
    model.graph.nodes.filter((node) => node.type === 'Conv' && node.domain === domain).length;
  expect(convolutions(plain, '')).toBeGreaterThan(8);
  expect(convolutions(blocked, '')).toBe(0);
  expect(convolutions(blocked, blockedDomain)).toBe(convolutions(plain, ''));
  const types = (model: OnnxModel) =>
    new Set(model.graph.nodes.filter(({ domain }) => domain === '').map((n) => n.type));
  expect([...types(plain)]).toEqual(expect.arrayContaining(['AveragePool', 'ConvTranspose']));
  expect([...types(blocked)]).not.toEqual(expect.arrayContaining(['AveragePool']));
  expect([...types(blocked)]).not.toEqual(expect.arrayContaining(['ConvTranspose']));

  await expectSame(learner, { plain, blocked });
  // Nine samples are no whole blocks; what lacks is filled up.
  const large = blockChannels(plain, block, { large: true });
  expect(convolutions(large, blockedDomain)).toBeGreaterThan(convolutions(blocked, blockedDomain) + 6);
  await expectSame(learner, { plain, blocked: large });
});

it('does the same for the blocks of a mobile network', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const learner = openLearner({ learner: mobileLearner({ channels: 16, size: 9, dimension: 5 }) });
  const plain = buildTrainingGraph(learner.model, learner.parameters, 'cosine').build();
  await expectSame(learner, { plain, blocked: blockChannels(plain, block) });
  await expectSame(learner, { plain, blocked: blockChannels(plain, block, { together: 3 }) });
  const prelu = openLearner({
    learner: mobileLearner({ channels: 16, size: 9, dimension: 5, activation: 'prelu' }),
  });
  const slopes = buildTrainingGraph(prelu.model, prelu.parameters, 'euclidean').build();
  await expectSame(prelu, { plain: slopes, blocked: blockChannels(slopes, block, { together: 3 }) });
});

it('does the same for pools, borders and strides of any kind', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const learner = openLearner({ learner: windowsLearner() });
  const plain = buildTrainingGraph(learner.model, learner.parameters, 'euclidean').build();
  await expectSame(learner, { plain, blocked: blockChannels(plain, block) });
  await expectSame(learner, { plain, blocked: blockChannels(plain, block, { large: true }) });
});

it('leaves a kernel whose cells see only padding to the matrix product', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const graph = new GraphBuilder();
  const weights = graph.constant(noiseArray(16 * 16 * 4, 1, 0.2), [16, 16, 2, 2], 'w');
  const attributes = { kernel_shape: [2, 2], strides: [12, 12], pads: [2, 2, 0, 0] };
  const x = graph.op('Conv', [graph.input('features', ['N', 16, 9, 9]), weights], attributes);
  graph.output(graph.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }, 'embedding'), ['N', 16]);
  const learner = openLearner({ learner: graph.encode() });
  const plain = buildTrainingGraph(learner.model, learner.parameters, 'euclidean').build();
  await expectSame(learner, { plain, blocked: blockChannels(plain, block, { large: true }) });
});

/** Overlapping pools and pools side by side, borders that add and cut, strided convolutions with and without pads, dilation. */
function windowsLearner(): Uint8Array {
  const graph = new GraphBuilder();
  let count = 0;
  const conv = (x: string, attributes: Record<string, number[]>, kernel = 3) => {
    const weights = graph.constant(
      noiseArray(16 * 16 * kernel ** 2, ++count, 0.2),
      [16, 16, kernel, kernel],
      `w${count}`,
    );
    return graph.op('Conv', [x, weights], { kernel_shape: [kernel, kernel], ...attributes });
  };
  let x = conv(graph.input('features', ['N', 16, 9, 9]), { strides: [2, 2], pads: [1, 1, 1, 1] });
  x = graph.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [1, 1], pads: [0, 0, 1, 1] });
  x = graph.op('AveragePool', [x], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
  x = graph.op('Pad', [x, graph.int64(0, 0, 2, 1, 0, 0, 2, 2), graph.scalar(0.5)]);
  x = graph.op('Pad', [conv(x, { strides: [2, 1], pads: [1, 0, 0, 1] }), graph.int64(0, 0, 0, -1, 0, 0, 1, 0)]);
  x = conv(x, { strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] });
  x = conv(x, { strides: [2, 2] }, 1);
  x = graph.op('AveragePool', [conv(x, { pads: [1, 1, 1, 1] })], { kernel_shape: [2, 2], strides: [2, 2] });
  graph.output(graph.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }, 'embedding'), ['N', 16]);
  return graph.encode();
}

async function expectSame(
  learner: OpenLearner,
  { plain, blocked }: { plain: OnnxModel; blocked: OnnxModel },
): Promise<void> {
  const scalars = { margin: 0.5, pending: 2, learningRate: 0.1, momentum: 0.9, decay: 0.02 } as const;
  const feeds = Object.fromEntries([
    [learner.input, floatTensor(noiseArray(9 * 16 * 81, 4), [9, 16, 9, 9])],
    [scalarNames.apply, new Tensor('bool', [true], [])],
    ...Object.entries(scalars).map(([name, value]) => [
      scalarNames[name as keyof typeof scalars],
      floatTensor(Float32Array.of(value), []),
    ]),
    ...learner.parameters.map(({ name, data, dims }) => [name, floatTensor(data, dims)]),
    ...updateGroups(learner.parameters).flatMap((group, index) => {
      const size = weightsOf(group);
      const { sum, velocity, pull } = groupNames(index);
      return [sum, velocity, pull].map((name, i) => [name, floatTensor(noiseArray(size, 6 + i, 0.01), [1, size])]);
    }),
  ]);
  const run = async (model: OnnxModel) => {
    const session = await OrtSession.create(encodeModel(model), { threads: 1 });
    const results = await session.run(feeds);
    await session.dispose();
    return results;
  };
  const [expected, actual] = [await run(plain), await run(blocked)];
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(expected)) {
    expectClose(floatData(actual[name], name), floatData(tensor, name), { label: name, tolerance: 1e-5 });
  }
}
