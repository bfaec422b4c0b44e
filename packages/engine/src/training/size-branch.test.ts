import { centred, channelMeans, readSizes, SIZE_KNOTS, type SizeCentring, type Trainer } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { decodeModel, encodeModel, type OnnxModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import { branchedLike, isBranchWeight, withSizeBranch } from '../onnx/size-branch.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { noiseArray } from './fixtures.ts';
import { openLearner } from './open-learner.ts';
import { createOrtTrainer } from './ort-trainer.ts';
import { createTfjsTrainer } from './tfjs-trainer.ts';

const CHANNELS = 5;
const DIMENSION = 4;
const SHAPE = [CHANNELS, 3, 3];
const SAMPLE = CHANNELS * 9;

type Ending = (graph: GraphBuilder, x: string) => string;

function learner(end: Ending = (_, x) => x, input: readonly (number | string)[] = ['N', ...SHAPE]): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input('features', input);
  const map = graph.op('Relu', [graph.op('Conv', [x, graph.constant(noiseArray(40, 1), [8, CHANNELS, 1, 1])])]);
  const flat = graph.op('Flatten', [graph.op('GlobalAveragePool', [map])], { axis: 1 });
  const weight = graph.constant(noiseArray(8 * DIMENSION, 2), [8, DIMENSION]);
  graph.output(end(graph, graph.op('Gemm', [flat, weight, graph.constant(noiseArray(DIMENSION, 3))])), [
    'N',
    DIMENSION,
  ]);
  return normalizeModel(decodeModel(graph.encode()));
}

/** What a learner does not know of itself: sizes between 0 and 1 or so. */
const centring: SizeCentring = {
  gauge: Float64Array.from(noiseArray(CHANNELS, 4)),
  origin: 0.3,
  knots: Float64Array.of(-0.6, -0.1, 0.2, 0.5, 0.9),
  offsets: Float64Array.from(noiseArray(SIZE_KNOTS * DIMENSION, 5)),
  length: null,
};
const evened: SizeCentring = { ...centring, length: { kept: 0.4, evened: 0.7 } };

const features = noiseArray(12 * SAMPLE, 6);
const rate = { learningRate: 0.05, momentum: 0.9, weightDecay: 0, basePull: 0.5, margin: 0.4, apply: true };

/** As `centred` has it, of what the learner makes without the branch. */
async function expected(plain: Float32Array, of: SizeCentring): Promise<Float32Array> {
  const rows = Array.from({ length: features.length / SAMPLE }, (_, i) => i);
  const bank = {
    sampleSize: SAMPLE,
    read: (r: ArrayLike<number>) => features.subarray(r[0]! * SAMPLE, (r[r.length - 1]! + 1) * SAMPLE),
  };
  return centred(plain, readSizes(of, await channelMeans(bank, rows, SHAPE)), of);
}

const engines: readonly { name: string; create: (model: OnnxModel) => Promise<Trainer> }[] = [
  {
    name: 'ONNX Runtime',
    create: (model) => createOrtTrainer({ learner: encodeModel(model), metric: 'euclidean', threads: 1 }),
  },
  {
    name: 'TensorFlow.js',
    create: (model) => createTfjsTrainer({ learner: encodeModel(model), metric: 'euclidean', backend: 'javascript' }),
  },
];

describe.each(engines)('the branch that centres by size, on $name', ({ create }) => {
  it('changes nothing until something is written into it', async () => {
    const [plain, branched] = [await create(learner()), await create(withSizeBranch(learner()))];
    expectClose(await branched.embed(features), await plain.embed(features), { label: 'embedding', tolerance: 1e-6 });
    expect(await plain.centred(centring)).toBeNull();
    await plain.dispose();
    await branched.dispose();
  });

  it.each([
    ['offsets', centring],
    ['offsets and lengths', evened],
  ])('adds what it is told: %s', async (_, of) => {
    const trainer = await create(withSizeBranch(learner()));
    const plain = await trainer.embed(features);
    await trainer.load((await trainer.centred(of))!);
    expectClose(await trainer.embed(features), await expected(plain, of), { label: 'centred', tolerance: 1e-5 });
    await trainer.load((await trainer.centred(null))!);
    expectClose(await trainer.embed(features), plain, { label: 'as before', tolerance: 1e-6 });
    await trainer.dispose();
  });

  it('is used by training and not changed by it', async () => {
    const trainer = await create(withSizeBranch(learner()));
    const before = (await trainer.centred(evened))!;
    await trainer.load(before);
    for (let i = 0; i < 3; i++) await trainer.step(features, rate);
    for (const [name, values] of await trainer.weights()) {
      if (isBranchWeight(name)) expect([...values], name).toEqual([...before.get(name)!]);
      else expect([...values], name).not.toEqual([...before.get(name)!]);
    }
    await trainer.dispose();
  });

  it('is multiplied with the last layer, unless lengths were evened', async () => {
    const trainer = await create(withSizeBranch(learner()));
    await trainer.load((await trainer.centred(centring))!);
    const before = await trainer.embed(features);
    const matrix = Float64Array.from(noiseArray(DIMENSION * DIMENSION, 7));
    await trainer.load((await trainer.projected({ matrix, offset: null }))!);
    const times = before.map((_, i) => {
      const [row, d] = [i - (i % DIMENSION), i % DIMENSION];
      return Array.from({ length: DIMENSION }, (_, k) => before[row + k]! * matrix[k * DIMENSION + d]!).reduce(
        (a, b) => a + b,
      );
    });
    expectClose(await trainer.embed(features), times, { label: 'projected', tolerance: 1e-5 });
    await trainer.load((await trainer.centred(evened))!);
    expect(await trainer.projected({ matrix, offset: null })).toBeNull();
    await trainer.dispose();
  });
});

describe('a learner with the branch', () => {
  it('is trained from a version of before there was one, towards a base that has it', async () => {
    const old = encodeModel(learner());
    const weightsOf = (file: Uint8Array) =>
      new Map(openLearner({ learner: file }).parameters.map(({ name, data }) => [name, data]));
    const base = weightsOf(encodeModel(withSizeBranch(learner())));
    const file = branchedLike(base, old);
    expect(branchedLike(base, file)).toBe(file);
    expect(branchedLike(weightsOf(old), old)).toBe(old);
    const options = { metric: 'euclidean', threads: 1, base } as const;
    await expect(createOrtTrainer({ learner: old, ...options })).rejects.toThrow(/no weight/);
    const trainer = await createOrtTrainer({ learner: file, ...options });
    expect((await trainer.step(features, rate)).loss).toBeGreaterThan(0);
    await trainer.dispose();
  });

  it('learns the same on both engines', async () => {
    const model = withSizeBranch(learner());
    const [a, b] = await Promise.all(engines.map(({ create }) => create(model)));
    for (const trainer of [a!, b!]) {
      await trainer.load((await trainer.centred(evened))!);
      for (let i = 0; i < 3; i++) await trainer.step(features, rate);
    }
    const other = await b!.weights();
    for (const [name, values] of await a!.weights())
      expectClose(values, other.get(name)!, { label: name, tolerance: 1e-4 });
    await a!.dispose();
    await b!.dispose();
  });

  it('is a learner as it was where features are no images or embeddings one long, and never has two', () => {
    const unit = learner((graph, x) => graph.op('LpNormalization', [x], { axis: 1, p: 2 }));
    expect(withSizeBranch(unit)).toBe(unit);
    const vectors = new GraphBuilder();
    const x = vectors.input('features', ['N', CHANNELS]);
    vectors.output(vectors.op('MatMul', [x, vectors.constant(noiseArray(20, 1), [CHANNELS, DIMENSION])]), [
      'N',
      DIMENSION,
    ]);
    const flat = normalizeModel(decodeModel(vectors.encode()));
    expect(withSizeBranch(flat)).toBe(flat);
    const once = withSizeBranch(learner());
    expect(withSizeBranch(once)).toBe(once);
  });

  it('has nothing to train where only the branch has weights', () => {
    const graph = new GraphBuilder();
    const x = graph.input('features', ['N', DIMENSION, 2, 2]);
    graph.output(graph.op('Flatten', [graph.op('GlobalAveragePool', [x])], { axis: 1 }), ['N', DIMENSION]);
    const model = withSizeBranch(normalizeModel(decodeModel(graph.encode())));
    expect(() => openLearner({ learner: encodeModel(model) })).toThrow(/no weights to train/);
  });
});
