import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type BackboneName, buildBackbone } from '../backbones/index.ts';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { blockedDomain, channelBlock } from '../runtime/channel-blocks.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { blockChannels } from '../training/block-channels.ts';
import { noiseArray } from '../training/fixtures.ts';
import { buildStepGraph, stepNames, stepScalars } from './classification-graph.ts';
import { openClassifier } from './classifier.ts';
import { heads } from './heads/index.ts';

describe.each(['sphere-20', 'mobilefacenet'] satisfies BackboneName[])('the training step of %s', (name) => {
  it('computes the same with channels in blocks', async ({ skip }) => {
    const block = await channelBlock();
    if (block === undefined) return skip('this build of ONNX Runtime has no blocked convolutions');
    const { model } = buildBackbone(name, { width: 0.25, inputSize: 32, dimension: 8 });
    const classifier = openClassifier(model, { classes: 3, seed: 1 });
    const plain = buildStepGraph(classifier, heads.cosface).build();
    const blocked = blockChannels(plain, block);
    const count = (type: string, domain: string) =>
      blocked.graph.nodes.filter((node) => node.type === type && node.domain === domain).length;
    expect(count('Conv', blockedDomain)).toBeGreaterThan(15);
    const settings = { scale: 16, margin: 0.2, learningRate: 0.01, momentum: 0.9, decay: 1e-3, clip: 1e6 };
    const feeds: Record<string, Tensor> = {
      input: floatTensor(noiseArray(4 * 3 * 32 * 32, 4), [4, 3, 32, 32]),
      [stepScalars.labels]: new Tensor('int64', BigInt64Array.of(0n, 1n, 2n, 0n), [4]),
    };
    for (const [key, value] of Object.entries(settings) as [keyof typeof settings, number][])
      feeds[stepScalars[key]] = floatTensor(Float32Array.of(value), []);
    for (const { name: weight, data, dims } of classifier.parameters) {
      feeds[weight] = floatTensor(data, dims);
      feeds[stepNames.velocity(weight)] = floatTensor(new Float32Array(data.length), dims);
    }
    for (const { mean, variance } of classifier.statistics)
      for (const running of [mean, variance]) {
        const { data, dims } = model.graph.initializers.get(running)!;
        feeds[running] = floatTensor(data as Float32Array, dims);
      }
    const run = async (graph: OnnxModel) => {
      const session = await OrtSession.create(encodeModel(graph), { threads: 1 });
      const results = await session.run(feeds);
      await session.dispose();
      return results;
    };
    const [expected, actual] = [await run(plain), await run(blocked)];
    // A deep network of batches of four amplifies rounding: whole vectors are compared, with room for it.
    const whole = (results: typeof expected) =>
      classifier.parameters.flatMap(({ name: weight }) => [
        ...floatData(results[stepNames.newVelocity(weight)], weight),
      ]);
    expectClose(whole(actual), whole(expected), { label: 'all velocities', tolerance: 1e-3 });
    const loss = (results: typeof expected) => floatData(results[stepScalars.loss], 'loss');
    expectClose(loss(actual), loss(expected), { label: 'loss', tolerance: 1e-4 });
  });
});
