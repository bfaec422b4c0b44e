import type { RgbImage, TrainingHyperParameters } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../onnx/model.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { evaluate } from '../onnx/testing/reference.ts';
import { faceApiLearner, mobileLearner, noiseArray, residualLearner } from '../training/fixtures.ts';
import { openLearner } from '../training/open-learner.ts';
import type { Parameter } from '../training/parameters.ts';
import { loadTensorFlow, type TfBackend } from '../training/tfjs-runtime.ts';
import { type Engine, engineId } from './engine.ts';
import { openEngine, type ProviderChoice, providerChoices } from './open-engine.ts';
import { tinyExtractor } from './testing.ts';
import { tfjsEngine } from './tfjs-engine.ts';

/**
 * What every engine promises, held against the float64 reference. On a GPU machine:
 *   SAFACE_PROVIDER=cuda npx vitest run --project unit packages/engine/src/engines/contract.test.ts
 */
const provider = (providerChoices as readonly string[]).includes(process.env.SAFACE_PROVIDER ?? '')
  ? (process.env.SAFACE_PROVIDER as ProviderChoice)
  : 'cpu';
// GPUs may round the factors of a product to 10 bits (TF32).
const tolerance = provider === 'cpu' ? 1e-4 : 2e-2;

const tensorFlow = async (...backends: TfBackend[]) =>
  tfjsEngine(await loadTensorFlow(provider === 'cuda' ? ['tfjs-node-gpu'] : backends));
const openers: readonly (() => Promise<Engine>)[] = [
  () => openEngine({ engine: 'onnx', provider }),
  () => tensorFlow('tfjs-node', 'wasm'),
  () => tensorFlow('javascript'),
];
/** Their names are part of the test names, so that the output says what computed. */
const contestants = new Map<string, () => Promise<Engine>>();
for (const open of openers) contestants.set(engineId(await open()), open);

const hyper: TrainingHyperParameters = {
  learningRate: 0.02,
  momentum: 0.9,
  weightDecay: 0,
  basePull: 0,
  margin: 0.5,
};

const networks = [
  {
    name: 'residual blocks',
    learner: residualLearner({
      channels: 4,
      size: 9,
      blocks: [{ channels: 6, down: true }, { channels: 6 }, { channels: 8, down: true }],
      dimension: 5,
    }),
  },
  { name: 'depthwise convolutions and Clip', learner: mobileLearner({ channels: 4, size: 9, dimension: 5 }) },
  {
    name: 'depthwise convolutions and PRelu',
    learner: mobileLearner({ channels: 4, size: 9, dimension: 5, activation: 'prelu' }),
  },
  {
    name: 'depthwise convolutions in whole channel blocks',
    learner: mobileLearner({ channels: 16, size: 5, dimension: 5 }),
  },
] as const;

const metrics = ['euclidean', 'cosine'] as const;
type Metric = (typeof metrics)[number];

describe.each([...contestants])('the engine %s', (id, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  it('says what computes', () => {
    expect(engineId(engine)).toBe(id);
    const { name, backend, label } = engine.describe();
    expect({ name, backend }).toEqual({ name: engine.name, backend: engine.backend });
    expect(label).toMatch(/^(ONNX Runtime|TensorFlow\.js) \d+\.\d+\.\d+, \S/);
  });

  it('extracts features of any number of crops', async () => {
    const input = { size: 12, channels: 'bgr', mean: [120, 110, 100], scale: [0.01, 0.01, 0.01] } as const;
    const model = tinyExtractor(12);
    const extractor = await engine.openExtractor(model, { input, maxBatch: 2, threads: 1 });
    const crops = [1, 2, 3].map((seed) => crop(12, seed));
    const packed = crops.flatMap(({ data }) =>
      [2, 1, 0].flatMap((source, at) =>
        Array.from({ length: 144 }, (_, pixel) => (data[pixel * 3 + source]! - input.mean[at]!) * 0.01),
      ),
    );
    const expected = run(model, Float32Array.from(packed), { dims: [3, 3, 12, 12] });
    expectClose(await extractor.extract(crops), expected, { label: 'features', tolerance });
    expect(extractor.featureShape).toEqual([8, 6, 6]);
    expect(await extractor.extract([])).toEqual(new Float32Array(0));
    await expect(extractor.extract([crop(11, 1)])).rejects.toThrow(/11x11/);
    await extractor.dispose();
    await expect(extractor.extract(crops)).rejects.toThrow(/after it was closed/);
    await expect(engine.openExtractor(model, { input: { ...input, size: 8 } })).rejects.toThrow(/not 8x8 crops/);
  });

  it('refuses bytes that are no model', async () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3, 4)]) {
      await expect(engine.openLearner(bytes)).rejects.toMatchObject({ code: 'integrity' });
      await expect(engine.openTrainer({ learner: bytes, metric: 'cosine' })).rejects.toMatchObject({
        code: 'integrity',
      });
    }
  });

  describe.each(networks)('on $name', ({ learner }) => {
    const { featureShape, output } = openLearner({ learner });
    const size = featureShape.reduce((a, b) => a * b, 1);
    const features = (samples: number, seed = 3) => noiseArray(samples * size, seed);

    it('embeds', async () => {
      const served = await engine.openLearner(learner, { threads: 1, maxBatch: 1 });
      const expected = run(learner, features(2), { dims: [2, ...featureShape] });
      expectClose(await served.embed(features(2)), expected, { label: 'embeddings', tolerance });
      expect(served.dimension).toBe(5);
      await expect(served.embed(new Float32Array(size + 1))).rejects.toThrow(/not whole samples/);
      await served.dispose();
      await expect(served.embed(features(1))).rejects.toThrow(/after it was closed/);
    });

    it.each(metrics)('has the loss and the gradients of the reference, %s', async (metric) => {
      const trainer = await engine.openTrainer({ learner, metric, threads: 1 });
      const expected = expectedStep(learner, features(6), metric);
      const before = await trainer.weights();
      const result = await trainer.step(features(6), { ...hyper, apply: true });
      expect(result.active).toBe(expected.active);
      expect(result.active).toBeGreaterThan(0);
      expect(Math.abs(result.loss - expected.loss)).toBeLessThan(tolerance * Math.max(1, expected.loss));
      const after = await trainer.weights();
      const slopes = expected.slopes.map(
        ({ name, at }) => (before.get(name)![at]! - after.get(name)![at]!) / hyper.learningRate,
      );
      // Weights are float32: what is left of a difference of two of them is less exact than they are.
      expectClose(
        Float32Array.from(slopes),
        Float32Array.from(expected.slopes, ({ slope }) => slope),
        {
          label: 'gradients',
          tolerance: Math.max(tolerance, 2e-3),
        },
      );
      await trainer.dispose();
    });

    it.each(metrics)('knows how embeddings come nearer to given places, %s', async (metric) => {
      const trainer = await engine.openTrainer({ learner, metric, threads: 1 });
      const targets = noiseArray(2 * 5, 8);
      const before = await trainer.weights();
      const expected = expectedApproach(learner, { batch: features(2), targets, metric });
      const { loss, gradient } = await trainer.approach(features(2), targets);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(tolerance * Math.max(1, expected.loss));
      expectClose(
        Float32Array.from(expected.slopes, ({ name, at }) => gradient.get(name)![at]!),
        Float32Array.from(expected.slopes, ({ slope }) => slope),
        { label: 'gradients', tolerance: Math.max(tolerance, 1e-3) },
      );
      expect([...(await trainer.weights())]).toEqual([...before]);
      await expect(trainer.approach(features(2), targets.slice(1))).rejects.toThrow(/not 2 targets of 5/);
      await trainer.dispose();
      await expect(trainer.approach(features(2), targets)).rejects.toThrow(/after it was closed/);
    });

    it('exports what it learnt, and goes on from it', async () => {
      const trainer = await engine.openTrainer({ learner, metric: 'cosine', threads: 1 });
      await trainer.step(features(6), { ...hyper, apply: true });
      const file = await trainer.export();
      const embeddings = await trainer.embed(features(2));
      expectClose(embeddings, run(file, features(2), { dims: [2, ...featureShape] }), { label: 'export', tolerance });
      const next = await engine.openTrainer({ learner: file, metric: 'cosine', threads: 1 });
      expect([...(await next.weights())]).toEqual([...(await trainer.weights())]);
      expect(openLearner({ learner: file }).output).toBe(output);
      await trainer.dispose();
      await next.dispose();
    });

    it('begins another training as if there had been none', async () => {
      const trainer = await engine.openTrainer({ learner, metric: 'cosine', threads: 1 });
      const first = await trainer.weights();
      const step = () => trainer.step(features(6), { ...hyper, apply: true });
      await step();
      const once = await trainer.weights();
      await trainer.load(first);
      await step();
      expect([...(await trainer.weights())]).not.toEqual([...once]);
      await trainer.load(first);
      await trainer.rest();
      await step();
      expect([...(await trainer.weights())]).toEqual([...once]);
      await trainer.dispose();
    });

    it('refuses what cannot be learnt from and is not harmed by it', async () => {
      const trainer = await engine.openTrainer({ learner, metric: 'euclidean', threads: 1 });
      const before = await trainer.weights();
      const step = (values: Float32Array) => trainer.step(values, { ...hyper, apply: true });
      const broken = features(3);
      broken[5] = Number.NaN;
      await expect(step(broken)).rejects.toThrow(/not a number/);
      await expect(step(new Float32Array(3 * size + 3))).rejects.toThrow(/not whole samples/);
      await expect(step(features(4))).rejects.toThrow(/groups of 3/);
      const nan = new Map([...before].map(([name, values]) => [name, values.map(() => Number.NaN)]));
      await expect(trainer.load(nan)).rejects.toThrow(/not finite/);
      expect([...(await trainer.weights())]).toEqual([...before]);
      expect((await step(features(6))).loss).toBeGreaterThan(0);
      await trainer.dispose();
      await trainer.dispose();
      await expect(step(features(3))).rejects.toThrow(/after it was closed/);
      await expect(trainer.embed(features(3))).rejects.toThrow(/after it was closed/);
      await expect(trainer.weights()).rejects.toThrow(/after it was closed/);
    });
  });
});

describe('all engines', () => {
  const learner = residualLearner(faceApiLearner);
  const results = new Map<string, { loss: number; weights: ReadonlyMap<string, Float32Array> }>();
  const start = new Map(openLearner({ learner }).parameters.map(({ name, data }) => [name, data]));

  afterAll(() => results.clear());

  // Plain JavaScript would take minutes for it.
  const able = [...contestants].filter(([id]) => id !== 'tfjs/javascript');

  it.each(able)(
    "%s takes a step of a learner as large as face-api's",
    async (id, open) => {
      const engine = await open();
      const trainer = await engine.openTrainer({ learner, metric: 'euclidean' });
      const { loss } = await trainer.step(noiseArray(3 * 64 * 17 * 17, 9), { ...hyper, apply: true });
      results.set(id, { loss, weights: await trainer.weights() });
      await trainer.dispose();
      const [first] = results.values();
      expect(Math.abs(loss - first!.loss) / first!.loss).toBeLessThan(tolerance);
      for (const [name, values] of first!.weights) {
        const change = (weights: Float32Array) => weights.map((value, at) => value - start.get(name)![at]!);
        const own = results.get(id)!.weights.get(name)!;
        // The change is small beside the weight, and is the thing the gradient made.
        expectClose(change(own), change(values), { label: `change of ${name}`, tolerance: Math.max(tolerance, 2e-3) });
      }
    },
    300_000,
  );
});

function crop(size: number, seed: number): RgbImage {
  const data = Uint8Array.from(noiseArray(size * size * 3, seed), (value) => 127.5 * (value + 1));
  return { width: size, height: size, data };
}

/** The model's output, by the float64 reference; `weights` replace constants of the same name. */
function run(
  model: Uint8Array,
  values: Float32Array,
  { dims, weights = new Map() }: { dims: readonly number[]; weights?: ReadonlyMap<string, Float64Array> },
): Float64Array {
  const { graph } = decodeModel(model);
  const replaced = [...weights].map(([name, data]) => [name, { dims: graph.initializers.get(name)!.dims, data }]);
  const feeds = { ...Object.fromEntries(replaced), [graph.inputs[0]!.name]: { dims, data: Float64Array.from(values) } };
  return evaluate(graph, feeds).get(graph.outputs[0]!.name)!.data;
}

interface ExpectedStep {
  readonly loss: number;
  readonly active: number;
  /** Slope of the loss, as one update sees it, along one value of each weight. */
  readonly slopes: readonly { readonly name: string; readonly at: number; readonly slope: number }[];
}

const expectedSteps = new Map<string, ExpectedStep>();

/** What two triplets of `learner` shall give, by central differences of the reference; worked out once for all engines. */
function expectedStep(learner: Uint8Array, batch: Float32Array, metric: Metric): ExpectedStep {
  const { featureShape, parameters } = openLearner({ learner });
  const key = `${networks.findIndex((network) => network.learner === learner)}/${metric}`;
  const known = expectedSteps.get(key);
  if (known) return known;
  const loss = (weights?: ReadonlyMap<string, Float64Array>) =>
    tripletLoss(run(learner, batch, { dims: [6, ...featureShape], weights }), { metric, margin: hyper.margin });
  const { loss: mean, active } = loss();
  const slopes = slopesOf(parameters, (weights) => (2 * loss(weights).loss) / active);
  const step = { loss: mean, active, slopes };
  expectedSteps.set(key, step);
  return step;
}

/** Slope along the middle value of each weight, by central differences. */
function slopesOf(
  parameters: readonly Parameter[],
  loss: (weights: ReadonlyMap<string, Float64Array>) => number,
): ExpectedStep['slopes'] {
  return parameters.map(({ name, data }) => {
    const at = Math.floor(data.length / 2);
    const shifted = (by: number) => {
      const weights = Float64Array.from(data);
      weights[at]! += by;
      return loss(new Map([[name, weights]]));
    };
    return { name, at, slope: (shifted(1e-5) - shifted(-1e-5)) / 2e-5 };
  });
}

/** Mean squared distance of two embeddings of 5 values from their targets, and its slopes. */
function expectedApproach(
  learner: Uint8Array,
  { batch, targets, metric }: { batch: Float32Array; targets: Float32Array; metric: Metric },
): Pick<ExpectedStep, 'loss' | 'slopes'> {
  const { featureShape, parameters } = openLearner({ learner });
  const loss = (weights?: ReadonlyMap<string, Float64Array>) => {
    const embeddings = run(learner, batch, { dims: [2, ...featureShape], weights });
    const square = (index: number) =>
      compared(embeddings, index, metric).reduce((sum, value, at) => sum + (value - targets[index * 5 + at]!) ** 2, 0);
    return (square(0) + square(1)) / 2;
  };
  return { loss: loss(), slopes: slopesOf(parameters, loss) };
}

/** Embedding `index` of 5 values, one long under a metric of angles. */
function compared(embeddings: ArrayLike<number>, index: number, metric: Metric): number[] {
  const values = Array.from({ length: 5 }, (_, at) => embeddings[index * 5 + at]!);
  const length = metric === 'cosine' ? Math.hypot(...values) : 1;
  return values.map((value) => value / length);
}

/** Mean loss and number of active triplets of 3B embeddings of 5 values (paper section 4.2.2). */
function tripletLoss(
  embeddings: ArrayLike<number>,
  { metric, margin }: { metric: Metric; margin: number },
): { loss: number; active: number } {
  const count = embeddings.length / 15;
  const row = (index: number) => compared(embeddings, index, metric);
  const distance = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);
  const losses = Array.from({ length: count }, (_, at) => {
    const [anchor, positive, negative] = [row(at), row(count + at), row(2 * count + at)];
    return Math.max(0, distance(anchor, positive) - distance(anchor, negative) + margin);
  });
  return { loss: losses.reduce((a, b) => a + b, 0) / count, active: losses.filter((loss) => loss > 0).length };
}
