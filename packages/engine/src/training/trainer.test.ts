import { SafaceError, type Trainer, type TrainingHyperParameters } from '@saface/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { noiseArray, residualLearner } from './fixtures.ts';
import { microBatches } from './micro-batches.ts';
import { createOrtLearner } from './ort-learner.ts';
import { createOrtTrainer, type TrainerOptions } from './ort-trainer.ts';
import { createTfjsTrainer } from './tfjs-trainer.ts';

const small = {
  channels: 4,
  size: 9,
  blocks: [{ channels: 6, down: true }, { channels: 6 }, { channels: 8, down: true }],
  dimension: 5,
};
const learner = residualLearner(small);
const sample = small.channels * small.size * small.size;
const features = (triplets: number, seed = 5) => noiseArray(3 * triplets * sample, seed);
const hyper: TrainingHyperParameters = {
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 0.001,
  basePull: 0.01,
  margin: 0.2,
};

const engines: readonly { name: string; create: (options: TrainerOptions) => Promise<Trainer> }[] = [
  { name: 'ONNX Runtime', create: (options) => createOrtTrainer({ threads: 1, ...options }) },
  { name: 'TensorFlow.js', create: (options) => createTfjsTrainer({ ...options, backend: 'javascript' }) },
];

/** Takes anchors, positives and negatives of triplets `from` to `to` out of a batch. */
function triplets(batch: Float32Array, from: number, to: number): Float32Array {
  const count = batch.length / sample / 3;
  const part = new Float32Array(3 * (to - from) * sample);
  for (const role of [0, 1, 2])
    part.set(batch.subarray((role * count + from) * sample, (role * count + to) * sample), role * (to - from) * sample);
  return part;
}

describe('a batch that is too large for one pass', () => {
  it('is gone through in parts, and learnt from as in one', async () => {
    const whole = await createOrtTrainer({ learner, metric: 'euclidean', threads: 1 });
    const parted = await createOrtTrainer({ learner, metric: 'euclidean', threads: 1, activationBytes: 1 });
    try {
      const batch = features(5);
      const expected = await whole.step(batch, { ...hyper, apply: true });
      const found = await parted.step(batch, { ...hyper, apply: true });
      expect(found.active).toBe(expected.active);
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      const weights = await whole.weights();
      for (const [name, values] of await parted.weights())
        expectClose(values, weights.get(name)!, { label: name, tolerance: 1e-5 });
    } finally {
      await whole.dispose();
      await parted.dispose();
    }
  });

  it('keeps every triplet together, in parts of nearly equal length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (count, most) => {
        // Sample i of role r holds r * 1000 + i, twice.
        const batch = Float32Array.from({ length: 6 * count }, (_, at) => {
          const place = at >> 1;
          return Math.floor(place / count) * 1000 + (place % count);
        });
        const parts = microBatches(batch, 2, most);
        const anchors: number[] = [];
        for (const part of parts) {
          const own = part.length / 6;
          expect(own).toBeLessThanOrEqual(most);
          for (let i = 0; i < own; i++) {
            const [anchor, positive, negative] = [0, 1, 2].map((role) => part[2 * (role * own + i)]!);
            expect([positive! - anchor!, negative! - anchor!]).toEqual([1000, 2000]);
            anchors.push(anchor!);
          }
        }
        expect(anchors).toEqual(Array.from({ length: count }, (_, i) => i));
        const lengths = parts.map((part) => part.length / 6);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe.each(engines)('a trainer on $name', ({ create }) => {
  const withTrainer = async (use: (trainer: Trainer) => Promise<void>, options: Partial<TrainerOptions> = {}) => {
    const trainer = await create({ learner, metric: 'euclidean', ...options });
    await use(trainer).finally(() => trainer.dispose());
  };

  it('embeds like the learner it was made from', () =>
    withTrainer(async (trainer) => {
      const served = await createOrtLearner(learner, { threads: 1 });
      expectClose(await trainer.embed(features(2)), await served.embed(features(2)), {
        label: 'embeddings',
        tolerance: 1e-5,
      });
      await served.dispose();
      expect(trainer.featureShape).toEqual([4, 9, 9]);
    }));

  it('lowers the loss of the triplets it sees', () =>
    withTrainer(async (trainer) => {
      const losses: number[] = [];
      for (let step = 0; step < 12; step++)
        losses.push((await trainer.step(features(6), { ...hyper, apply: true })).loss);
      expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]!);
    }));

  it('learns the same from a batch in one call and spread over three', () =>
    withTrainer(async (whole) =>
      withTrainer(async (spread) => {
        const batch = features(6);
        const { loss, active } = await whole.step(batch, { ...hyper, apply: true });
        const parts = [triplets(batch, 0, 1), triplets(batch, 1, 4), triplets(batch, 4, 6)];
        const results = [];
        for (const [index, part] of parts.entries())
          results.push(await spread.step(part, { ...hyper, apply: index === 2 }));
        expect(results.reduce((sum, result) => sum + result.active, 0)).toBe(active);
        expect((results[0]!.loss + 3 * results[1]!.loss + 2 * results[2]!.loss) / 6).toBeCloseTo(loss, 5);
        const expected = await whole.weights();
        for (const [name, values] of await spread.weights())
          expectClose(values, expected.get(name)!, { label: name, tolerance: 1e-5 });
      }),
    ));

  it('learns the same whatever the weights are called, except by names that are kept for training', async () => {
    const called = (names: readonly string[]) => {
      const graph = new GraphBuilder();
      const x = graph.input('x', ['N', 6]);
      const [weight, bias] = [4 * 6, 4].map((n, i) =>
        graph.constant(noiseArray(n, i + 1), i === 0 ? [6, 4] : [n], names[i]),
      ) as [string, string];
      graph.output(graph.op('Add', [graph.op('MatMul', [x, weight], {}, names[2]), bias], {}, names[3]), ['N', 4]);
      return { learner: graph.encode() };
    };
    const trained = async (names: readonly string[]) => {
      const found: Float32Array[] = [];
      await withTrainer(async (trainer) => {
        await trainer.step(noiseArray(3 * 4 * 6, 9), { ...hyper, apply: true });
        found.push(...(await trainer.weights()).values());
      }, called(names));
      return found;
    };
    const expected = await trained(['weight', 'bias', 'product', 'embedding']);
    for (const names of [
      ['loss', 'margin', 'active', 'scale'],
      ['/loss', '/margin', '/active', '/scale'],
      ['w', 'w/sum', 'w/sum/new', '/weight/new'],
    ])
      expect(await trained(names)).toEqual(expected);
    await expect(trained(['saface::margin', 'bias', 'product', 'embedding'])).rejects.toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('"saface::margin"') }),
    );
  });

  it('changes no weight until a call applies', () =>
    withTrainer(async (trainer) => {
      const before = await trainer.weights();
      await trainer.step(features(3), { ...hyper, apply: false });
      expect(await trainer.weights()).toEqual(before);
      await trainer.step(features(3), { ...hyper, apply: true });
      expect(await trainer.weights()).not.toEqual(before);
    }));

  it('exports a learner that serves what it learnt', () =>
    withTrainer(async (trainer) => {
      await trainer.step(features(4), { ...hyper, apply: true });
      const served = await createOrtLearner(await trainer.export(), { threads: 1 });
      expectClose(await served.embed(features(2)), await trainer.embed(features(2)), {
        label: 'embeddings',
        tolerance: 1e-5,
      });
      await served.dispose();
    }));

  it('goes on from loaded weights and refuses others', () =>
    withTrainer(async (trainer) => {
      const start = await trainer.weights();
      await trainer.step(features(4), { ...hyper, apply: true });
      await trainer.load(start);
      expect(await trainer.weights()).toEqual(start);
      const [name] = start.keys();
      await expect(trainer.load(new Map([...start].slice(1)))).rejects.toThrow(`"${name}" is missing`);
      await expect(trainer.load(new Map([...start, ['other', new Float32Array(1)]]))).rejects.toThrow(
        /no weight "other"/,
      );
      await expect(trainer.load(new Map([...start, [name!, new Float32Array(1)]]))).rejects.toThrow(/has 1 values/);
    }));

  it('leaves the weights alone when the numbers run away', () =>
    withTrainer(async (trainer) => {
      const before = await trainer.weights();
      const broken = features(2);
      broken[7] = Number.NaN;
      await expect(trainer.step(broken, { ...hyper, apply: true })).rejects.toThrow(
        /Feature 7 of sample 0 is not a number/,
      );
      await expect(trainer.step(features(2), { ...hyper, learningRate: 1e38, apply: true })).rejects.toThrow(
        /diverged/,
      );
      expect(await trainer.weights()).toEqual(before);
      const { loss } = await trainer.step(features(2), { ...hyper, apply: true });
      expect(loss).toBeGreaterThan(0);
    }));

  it('notices numbers that run away also where few triplets had a loss the last time', () =>
    withTrainer(async (trainer) => {
      // Anchor, positive and negative alike: no loss at a margin of 0.
      const alike = features(1)
        .copyWithin(sample, 0, sample)
        .copyWithin(2 * sample, 0, sample);
      expect((await trainer.step(alike, { ...hyper, margin: 0, apply: true })).active).toBe(0);
      const start = await trainer.weights();
      await trainer.load(new Map([...start].map(([name, values]) => [name, values.map((value) => value * 1e30)])));
      const huge = await trainer.weights();
      await expect(trainer.step(features(2), { ...hyper, apply: true })).rejects.toThrow(/diverged/);
      expect(await trainer.weights()).toEqual(huge);
      await trainer.load(start);
      expect((await trainer.step(features(2), { ...hyper, apply: true })).loss).toBeGreaterThan(0);
    }));

  it('refuses features and settings that cannot be', () =>
    withTrainer(async (trainer) => {
      const step = (values: Float32Array, change: Partial<TrainingHyperParameters> = {}) =>
        trainer.step(values, { ...hyper, ...change, apply: true });
      await expect(step(new Float32Array(0))).rejects.toThrow(SafaceError);
      await expect(step(new Float32Array(4 * sample))).rejects.toThrow(/groups of 3/);
      await expect(step(features(1), { learningRate: Number.NaN })).rejects.toThrow(/learningRate is NaN/);
      await expect(step(features(1), { momentum: 1.5 })).rejects.toThrow(/momentum is 1.5/);
    }));

  it('pulls back to the base when there is nothing else to learn', () =>
    withTrainer(async (trainer) => {
      const base = await trainer.weights();
      await trainer.load(new Map([...base].map(([name, values]) => [name, values.map((value) => value + 1)])));
      const still = { ...hyper, margin: 0, weightDecay: 0, momentum: 0, basePull: 0.5, learningRate: 1, apply: true };
      // Anchor, positive and negative alike: the loss is exactly 0.
      const same = features(1)
        .copyWithin(sample, 0, sample)
        .copyWithin(2 * sample, 0, sample);
      expect(await trainer.step(same, still)).toEqual({ loss: 0, active: 0 });
      for (const [name, values] of await trainer.weights())
        expectClose(
          values,
          base.get(name)!.map((value) => value + 0.5),
          { label: name, tolerance: 1e-5 },
        );
    }));
});

describe('both engines', () => {
  async function compare(
    options: TrainerOptions,
    {
      batch,
      steps,
      rate,
      margin = hyper.margin,
    }: { batch: Float32Array; steps: number; rate: number; margin?: number },
  ): Promise<void> {
    const [ort, tf] = await Promise.all(engines.map(({ create }) => create(options)));
    const start = await ort!.weights();
    for (let step = 0; step < steps; step++) {
      const settings = { ...hyper, margin, learningRate: rate, apply: true };
      const [left, right] = [await ort!.step(batch, settings), await tf!.step(batch, settings)];
      expect(Math.abs(left.loss - right.loss) / right.loss, 'loss').toBeLessThan(1e-4);
      expect(left.active).toBe(right.active);
    }
    const expected = await tf!.weights();
    for (const [name, values] of await ort!.weights()) {
      expectClose(values, expected.get(name)!, { label: `weight ${name}`, tolerance: 1e-4 });
      // The change is small beside the weight, and is the thing the gradient made: it must agree too.
      const change = (weights: Float32Array) => weights.map((value, index) => value - start.get(name)![index]!);
      expectClose(change(values), change(expected.get(name)!), { label: `change of ${name}`, tolerance: 2e-3 });
    }
    await Promise.all([ort!.dispose(), tf!.dispose()]);
  }

  it.each(['euclidean', 'cosine'] as const)('agree over three steps with %s distances', (metric) =>
    compare({ learner, metric }, { batch: features(5), steps: 3, rate: 0.01 }),
  );

  it.each(['euclidean', 'cosine'] as const)(
    'agree where few triplets have a loss with %s distances',
    async (metric) => {
      // Of most triplets the positive is the anchor itself, and at a margin of 0 any negative is farther.
      const batch = features(6);
      for (const triplet of [0, 1, 3, 4])
        batch.copyWithin((6 + triplet) * sample, triplet * sample, (triplet + 1) * sample);
      for (const triplet of [2, 5]) batch.copyWithin((12 + triplet) * sample, triplet * sample, (triplet + 1) * sample);
      await compare({ learner, metric }, { batch, steps: 3, rate: 0.01, margin: 0 });
    },
  );

  it('agree after calls of all kinds, on weights that are updated in several groups', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', ['N', 640]);
    const weight = (rows: number, columns: number, seed: number) =>
      graph.constant(noiseArray(rows * columns, seed, 1 / Math.sqrt(rows)), [rows, columns]);
    // 286,720 weights, more than a group has room for.
    const hidden = graph.op('Relu', [graph.op('Gemm', [x, weight(640, 448, 1), graph.constant(noiseArray(448, 2))])]);
    graph.output(graph.op('Gemm', [hidden, weight(448, 6, 3), graph.constant(noiseArray(6, 4))], {}, 'embedding'), [
      'N',
      6,
    ]);
    const wide = graph.encode();
    const batch = (seed: number) => noiseArray(3 * 4 * 640, seed);
    const trained = await Promise.all(
      engines.map(async ({ create }) => {
        const trainer = await create({ learner: wide, metric: 'euclidean' });
        const start = await trainer.weights();
        const step = (seed: number, change: Partial<TrainingHyperParameters & { apply: boolean }> = {}) =>
          trainer.step(batch(seed), { ...hyper, learningRate: 0.01, margin: 1, apply: true, ...change });
        await step(1, { apply: false });
        await step(2);
        await step(3, { basePull: 0.3 });
        const kept = await trainer.weights();
        const copies = [...kept.values()].map((values) => values.slice());
        await step(4, { apply: false });
        await expect(step(5, { learningRate: 1e38 })).rejects.toThrow(/diverged/);
        await step(6, { basePull: 0 });
        expect([...kept.values()]).toEqual(copies);
        await trainer.load(start);
        await trainer.rest();
        for (const seed of [7, 8]) await step(seed);
        const last = await trainer.weights();
        await trainer.dispose();
        return [...kept, ...last];
      }),
    );
    expect(trained[0]!.length).toBe(trained[1]!.length);
    for (const [i, [name, values]] of trained[0]!.entries())
      expectClose(values, trained[1]![i]![1], { label: name, tolerance: 1e-4 });
  });

  it('agree on batches that are large for one engine and small for the other', async () => {
    const wide = residualLearner({
      channels: 16,
      size: 6,
      blocks: [{ channels: 16 }, { channels: 32, down: true }],
      dimension: 5,
    });
    // 36 samples: two blocks of sixteen and a part of one.
    await compare({ learner: wide, metric: 'cosine' }, { batch: noiseArray(36 * 16 * 36, 12), steps: 2, rate: 0.01 });
  });

  it('agree on a learner with depthwise convolutions, PReLU, batch normalisation and padding pools', async () => {
    await compare(
      { learner: mobileLearner(), metric: 'cosine' },
      { batch: noiseArray(9 * 6 * 10 * 10, 11), steps: 2, rate: 0.01 },
    );
  });
});

/** The operators of MobileFaceNet- and IResNet-like recognisers. */
function mobileLearner(): Uint8Array {
  const graph = new GraphBuilder();
  let seed = 40;
  const weight = (...dims: number[]) =>
    graph.constant(
      noiseArray(
        dims.reduce((a, b) => a * b, 1),
        seed++,
        0.5,
      ),
      dims,
    );
  const x = graph.input('features', ['N', 6, 10, 10]);
  const norm = graph.op('BatchNormalization', [
    x,
    weight(6),
    weight(6),
    weight(6),
    graph.constant(Float32Array.of(1, 2, 1, 2, 1, 2)),
  ]);
  const wide = graph.op('PRelu', [graph.op('Conv', [norm, weight(12, 6, 1, 1), weight(12)]), weight(12, 1, 1)]);
  const deep = graph.op('HardSwish', [
    graph.op('Conv', [wide, weight(12, 1, 3, 3), weight(12)], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      group: 12,
    }),
  ]);
  const grouped = graph.op('Conv', [deep, weight(8, 6, 3, 3)], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: 2 });
  const gate = graph.op('Sigmoid', [graph.op('GlobalAveragePool', [grouped])]);
  const scaled = graph.op('Clip', [graph.op('Mul', [grouped, gate]), graph.scalar(-2), graph.scalar(6)]);
  const average = graph.op('AveragePool', [scaled], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const maximum = graph.op('MaxPool', [scaled], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const flat = graph.op('Flatten', [graph.op('Concat', [average, maximum], { axis: 1 })]);
  graph.output(graph.op('Gemm', [flat, weight(7, 144), weight(7)], { transB: 1 }, 'embedding'), ['N', 7]);
  return graph.encode();
}
