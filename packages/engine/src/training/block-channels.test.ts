import { expect, it } from 'vitest';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { blockedDomain, channelBlock } from '../runtime/channel-blocks.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { blockChannels } from './block-channels.ts';
import { mobileLearner, noiseArray, residualLearner } from './fixtures.ts';
import { type OpenLearner, openLearner } from './open-learner.ts';
import { buildGradientGraph, scalarNames, tensorNames } from './training-graph.ts';

const shape = {
  channels: 16,
  size: 9,
  blocks: [{ channels: 16 }, { channels: 32, down: true }, { channels: 32 }, { channels: 48, down: true }],
  dimension: 5,
};

const noBlocks = 'this build of ONNX Runtime has no blocked convolutions';

it('computes the same loss and gradients with channels in blocks', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const learner = openLearner({ learner: residualLearner(shape) });
  const plain = buildGradientGraph(learner.model, learner.parameters, 'cosine').build();
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
});

it('does the same for the blocks of a mobile network', async ({ skip }) => {
  const block = await channelBlock();
  if (block === undefined) return skip(noBlocks);
  const learner = openLearner({ learner: mobileLearner({ channels: 16, size: 9, dimension: 5 }) });
  const plain = buildGradientGraph(learner.model, learner.parameters, 'cosine').build();
  await expectSame(learner, { plain, blocked: blockChannels(plain, block) });
  await expectSame(learner, { plain, blocked: blockChannels(plain, block, 3) });
  const prelu = openLearner({
    learner: mobileLearner({ channels: 16, size: 9, dimension: 5, activation: 'prelu' }),
  });
  const slopes = buildGradientGraph(prelu.model, prelu.parameters, 'euclidean').build();
  await expectSame(prelu, { plain: slopes, blocked: blockChannels(slopes, block, 3) });
});

async function expectSame(
  learner: OpenLearner,
  { plain, blocked }: { plain: OnnxModel; blocked: OnnxModel },
): Promise<void> {
  const feeds = Object.fromEntries([
    [learner.input, floatTensor(noiseArray(9 * 16 * 81, 4), [9, 16, 9, 9])],
    [scalarNames.margin, floatTensor(Float32Array.of(0.5), [])],
    ...learner.parameters.flatMap(({ name, data, dims }) => [
      [name, floatTensor(data, dims)],
      [tensorNames.sum(name), floatTensor(noiseArray(data.length, 6, 0.01), dims)],
    ]),
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
