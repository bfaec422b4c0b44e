import { describe, expect, it } from 'vitest';
import { countFlops, cutModel, legalCuts } from '../onnx/cut.ts';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { noiseArray } from '../training/fixtures.ts';
import { createOrtTrainer } from '../training/ort-trainer.ts';
import { createTfjsTrainer } from '../training/tfjs-trainer.ts';
import { type BackboneName, backboneNames, buildBackbone } from './index.ts';

/** Weights that training changes: everything but the running statistics of batch normalisation. */
function learnt(model: OnnxModel): number {
  const statistics = new Set(
    model.graph.nodes.flatMap(({ type, inputs }) => (type === 'BatchNormalization' ? inputs.slice(3) : [])),
  );
  return [...model.graph.initializers.values()]
    .filter(({ type, name }) => type === 'float32' && !statistics.has(name))
    .reduce((sum, { data }) => sum + data.length, 0);
}

/**
 * Parameters and multiply-adds at 112x112 and width 1. MobileFaceNet: its paper's section 3.3 (0.99 million, 221 million).
 * IResNet-50: 43.6 million and 6.3 thousand million, as the ArcFace authors' model zoo has it. Sphere-20: its paper
 * gives neither, so this is Table 2 worked out by hand for a square input.
 */
const published: Readonly<Record<BackboneName, { parameters: number; macs: number }>> = {
  'sphere-20': { parameters: 24.5e6, macs: 2.04e9 },
  mobilefacenet: { parameters: 0.99e6, macs: 221e6 },
  'iresnet-50': { parameters: 43.6e6, macs: 6.3e9 },
};

describe.each(backboneNames)('%s', (name) => {
  it("has its paper's size at width 1", () => {
    const { model } = buildBackbone(name);
    const macs = countFlops(model) / 2;
    expect(learnt(model) / published[name].parameters).toBeCloseTo(1, 1.3);
    expect(macs / published[name].macs).toBeCloseTo(1, 1.3);
  });

  it('computes embeddings, the same after normalisation, and can be cut after every block', async () => {
    const { model, spec, cuts } = buildBackbone(name, { width: 0.125, inputSize: 32, dimension: 16 });
    const normal = normalizeModel(model);
    const legal = legalCuts(normal).map(({ tensor }) => tensor);
    expect(legal).toEqual(expect.arrayContaining([...cuts]));
    expect(cuts).toContain(spec.defaultCut);
    const input = floatTensor(noiseArray(2 * 3 * 32 * 32, 3), [2, 3, 32, 32]);
    const run = async (part: OnnxModel, feeds: typeof input) => {
      const session = await OrtSession.create(encodeModel(part), { threads: 1 });
      const { name: from } = session.inputs[0]!;
      const { name: to } = session.outputs[0]!;
      const results = await session.run({ [from]: feeds });
      await session.dispose();
      return results[to]!;
    };
    const whole = await run(model, input);
    expect(whole.dims).toEqual([2, 16]);
    const { extractor, learner } = cutModel(normal, spec.defaultCut);
    const parts = await run(learner, await run(extractor, input));
    expectClose(floatData(parts, name), floatData(whole, name), { label: name, tolerance: 1e-4 });
  });

  it('is the same for the same seed and another for another', () => {
    const small = { width: 0.125, inputSize: 32 };
    const bytes = (seed: number) =>
      Buffer.from(encodeModel(buildBackbone(name, { ...small, seed }).model)).toString('hex');
    const [first, again, other] = [bytes(1), bytes(1), bytes(2)];
    // Not toEqual: a failure would print megabytes.
    expect(first === again).toBe(true);
    expect(first === other).toBe(false);
  });
});

it.each(['layers-12', 'layers-16'])('Sphere-20 learns behind %s on both engines alike', async (cut) => {
  const { model } = buildBackbone('sphere-20', { width: 0.125, inputSize: 32, dimension: 8 });
  const parts = cutModel(normalizeModel(model), cut);
  const options = { learner: encodeModel(parts.learner), metric: 'cosine' as const };
  const trainers = [
    await createOrtTrainer({ ...options, threads: 1 }),
    await createTfjsTrainer({ ...options, backend: 'javascript' }),
  ];
  const features = noiseArray(6 * parts.cut.shape.reduce((a, b) => a * b), 5);
  const settings = { learningRate: 0.1, momentum: 0.9, weightDecay: 0, basePull: 0, margin: 0.5, apply: true };
  const [ort, tf] = await Promise.all(
    trainers.map(async (trainer) => {
      const losses = [];
      for (let step = 0; step < 2; step++) losses.push((await trainer.step(features, settings)).loss);
      const weights = await trainer.weights();
      await trainer.dispose();
      return { losses, weights };
    }),
  );
  expectClose(ort!.losses, tf!.losses, { label: 'losses', tolerance: 1e-3 });
  for (const [name, values] of ort!.weights)
    expectClose(values, tf!.weights.get(name)!, { label: name, tolerance: 1e-3 });
});

it('Sphere-20 can be cut after 4, 8, 12 and 16 convolution layers', () => {
  const { cuts } = buildBackbone('sphere-20', { width: 0.125, inputSize: 32 });
  expect(cuts).toEqual(expect.arrayContaining(['layers-4', 'layers-8', 'layers-12', 'layers-16']));
});

it('refuses options that make no network', () => {
  expect(() => buildBackbone('sphere-20', { width: 0 })).toThrow(/width 0/);
  expect(() => buildBackbone('sphere-20', { inputSize: 100 })).toThrow(/input size 100/);
  expect(() => buildBackbone('mobilefacenet', { dimension: 1.5 })).toThrow(/length 1.5/);
});
