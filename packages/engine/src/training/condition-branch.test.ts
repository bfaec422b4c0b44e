import {
  buildLearningSet,
  buildScorePairs,
  type ConditionCentring,
  centred,
  channelMeans,
  crossFit,
  evenedBy,
  fineTuneOptionsFor,
  rankStatistic,
  readLevels,
  scoreDistances,
  type Trainer,
  unevenedBy,
} from '@saface/core';
import { describe, expect, it } from 'vitest';
import { branchedLike, isBranchWeight, withConditionBranch } from '../onnx/condition-branch.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { decodeModel, encodeModel, type OnnxModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
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

/** Some levels lie beyond the limit. */
const centring: ConditionCentring = {
  centre: Float64Array.from(noiseArray(CHANNELS, 4)),
  scale: Float64Array.of(20, 3, 0, 5, 1),
  slopes: Float64Array.from(noiseArray(CHANNELS * DIMENSION, 5)),
  offset: Float64Array.from(noiseArray(DIMENSION, 8)),
  length: null,
};
const evened: ConditionCentring = { ...centring, length: { kept: 0.4, evened: 0.7 } };

const features = noiseArray(12 * SAMPLE, 6);
const rate = { learningRate: 0.05, momentum: 0.9, weightDecay: 0, basePull: 0.5, margin: 0.4, apply: true };

/** As `centred` has it, of what the learner makes without the branch. */
async function expected(plain: Float32Array, of: ConditionCentring): Promise<Float32Array> {
  const rows = Array.from({ length: features.length / SAMPLE }, (_, i) => i);
  const bank = {
    sampleSize: SAMPLE,
    read: (r: ArrayLike<number>) => features.subarray(r[0]! * SAMPLE, (r[r.length - 1]! + 1) * SAMPLE),
  };
  return centred(plain, readLevels(of, await channelMeans(bank, rows, SHAPE)), of);
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

describe.each(engines)('the branch that centres by conditions, on $name', ({ create }) => {
  it('changes nothing until something is written into it', async () => {
    const [plain, branched] = [await create(learner()), await create(withConditionBranch(learner()))];
    expectClose(await branched.embed(features), await plain.embed(features), { label: 'embedding', tolerance: 1e-6 });
    expect(await plain.centred(centring)).toBeNull();
    await plain.dispose();
    await branched.dispose();
  });

  it.each([
    ['offsets', centring],
    ['offsets and lengths', evened],
  ])('adds what it is told: %s', async (_, of) => {
    const trainer = await create(withConditionBranch(learner()));
    const plain = await trainer.embed(features);
    await trainer.load((await trainer.centred(of))!);
    expectClose(await trainer.embed(features), await expected(plain, of), { label: 'centred', tolerance: 1e-5 });
    await trainer.load((await trainer.centred(null))!);
    expectClose(await trainer.embed(features), plain, { label: 'as before', tolerance: 1e-6 });
    await trainer.dispose();
  });

  it('is used by training and not changed by it', async () => {
    const trainer = await create(withConditionBranch(learner()));
    const before = (await trainer.centred(evened))!;
    await trainer.load(before);
    for (let i = 0; i < 3; i++) await trainer.step(features, rate);
    for (const [name, values] of await trainer.weights()) {
      if (isBranchWeight(name)) expect([...values], name).toEqual([...before.get(name)!]);
      else expect([...values], name).not.toEqual([...before.get(name)!]);
    }
    await trainer.dispose();
  });

  it.each([
    ['offsets', centring],
    ['offsets and lengths', evened],
  ])('is multiplied with the last layer, before lengths are evened: %s', async (_, of) => {
    const trainer = await create(withConditionBranch(learner()));
    await trainer.load((await trainer.centred(of))!);
    const evening = await trainer.evening();
    expect(evening === null).toBe(of.length === null);
    const before = unevenedBy(await trainer.embed(features), DIMENSION, evening);
    const matrix = Float64Array.from(noiseArray(DIMENSION * DIMENSION, 7));
    await trainer.load((await trainer.projected({ matrix, offset: null }))!);
    const times = before.map((_, i) => {
      const [row, d] = [i - (i % DIMENSION), i % DIMENSION];
      return Array.from({ length: DIMENSION }, (_, k) => before[row + k]! * matrix[k * DIMENSION + d]!).reduce(
        (a, b) => a + b,
      );
    });
    expectClose(await trainer.embed(features), evenedBy(times, DIMENSION, evening), {
      label: 'projected',
      tolerance: 1e-4,
    });
    await trainer.dispose();
  });
});

/** Eight pairs of people side by side; each is a little different in every picture. */
function pairsOfPeople() {
  const seen = Array.from({ length: 16 * 12 }, (_, i) => ({ person: Math.floor(i / 12), picture: i % 12 }));
  const bank = {
    sampleSize: SAMPLE,
    read: (rows: ArrayLike<number>) =>
      Float32Array.from(
        Array.from(rows, (row) => {
          const { person, picture } = seen[row]!;
          const [who, how] = [noiseArray(SAMPLE, 100 + person), noiseArray(SAMPLE, 1000 + row)];
          return [...who.map((value, i) => value + 1.5 * how[i]! + 0.1 * picture)];
        }).flat(),
      ),
  };
  const set = buildLearningSet(
    seen.map(({ person, picture }) => {
      const frame = Math.floor(person / 2) * 100 + picture;
      const box = { x: 200 * (person % 2), y: 0, width: 40, height: 40 };
      return { trackKey: `t${person}`, frameKey: String(frame), frame, time: frame, quality: 1, box };
    }),
  );
  return { bank, set };
}

describe('a learner with the branch', () => {
  it('is trained from a version of before there was one, towards a base that has it', async () => {
    const old = encodeModel(learner());
    const weightsOf = (file: Uint8Array) =>
      new Map(openLearner({ learner: file }).parameters.map(({ name, data }) => [name, data]));
    const base = weightsOf(encodeModel(withConditionBranch(learner())));
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
    const model = withConditionBranch(learner());
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

  it('is whitened before lengths are evened, as it was ranked without running it', async () => {
    const { bank, set } = pairsOfPeople();
    const trainer = await createOrtTrainer({
      learner: encodeModel(withConditionBranch(learner())),
      metric: 'euclidean',
      threads: 1,
    });
    const options = {
      ...fineTuneOptionsFor('euclidean'),
      passes: 0,
      scoring: { minGap: 6 },
      centring: { share: 0.1, evenness: 0.5 },
      whitening: [{ shrinkage: 0.5, emphasis: 0, centring: 0 }],
    };
    const { choice, judged, after, dimension } = await crossFit({
      trainer,
      bank,
      set,
      options,
      parts: 4,
      trainings: 4,
    });
    expect(choice!.centring).toMatchObject({ evenness: 0.5 });
    expect(choice!.whitening).not.toBeNull();
    expect(await trainer.evening()).not.toBeNull();
    // `after` comes from the learners with their new weights, the rank from a map of what they made before.
    const pairs = buildScorePairs(judged, options.scoring)!;
    const distances = scoreDistances(pairs, after, { dimension, metric: 'euclidean' });
    expect(rankStatistic(distances)).toBeCloseTo(choice!.rank!, 3);
    await trainer.dispose();
  });

  it('goes at least the usual share of the way of training before, unless held-out tracks choose everything', async () => {
    const { bank, set } = pairsOfPeople();
    const trainer = await createOrtTrainer({
      learner: encodeModel(withConditionBranch(learner())),
      metric: 'euclidean',
      threads: 1,
    });
    const base = await trainer.weights();
    const options = { ...fineTuneOptionsFor('euclidean'), scoring: { minGap: 6 } };
    const chosen = async (usualShare: number | null, way: number) => {
      const average = new Map([...base].map(([name, values]) => [name, values.map((value) => value * way)]));
      const figures = {
        baseScore: null,
        consistencySteps: 0,
        steps: 1,
        peakRate: 1,
        triplets: 1,
        stopped: 'finished',
      } as const;
      const resume = { finished: [{ base, average, ...figures }], fineTune: null };
      await trainer.load(base);
      const input = { trainer, bank, set, options: { ...options, usualShare } };
      return (await crossFit({ ...input, parts: 4, trainings: 1, resume })).choice!;
    };
    // So short a way that no rank sees it: without trust nothing speaks for going it.
    const barely = 1 + 1e-6;
    const { centring, whitening } = options;
    for (const usual of [0.4, 0.5])
      expect(await chosen(usual, barely)).toMatchObject({ share: usual, centring, whitening: whitening![0] });
    expect(await chosen(null, barely)).toMatchObject({ share: 0 });
    expect(await chosen(0.4, 1)).toMatchObject({ share: 0 });
    await trainer.dispose();
  });

  it('is a learner as it was where features are no images or embeddings one long, and never has two', () => {
    const unit = learner((graph, x) => graph.op('LpNormalization', [x], { axis: 1, p: 2 }));
    expect(withConditionBranch(unit)).toBe(unit);
    const vectors = new GraphBuilder();
    const x = vectors.input('features', ['N', CHANNELS]);
    vectors.output(vectors.op('MatMul', [x, vectors.constant(noiseArray(20, 1), [CHANNELS, DIMENSION])]), [
      'N',
      DIMENSION,
    ]);
    const flat = normalizeModel(decodeModel(vectors.encode()));
    expect(withConditionBranch(flat)).toBe(flat);
    const once = withConditionBranch(learner());
    expect(withConditionBranch(once)).toBe(once);
  });

  it('has nothing to train where only the branch has weights', () => {
    const graph = new GraphBuilder();
    const x = graph.input('features', ['N', DIMENSION, 2, 2]);
    graph.output(graph.op('Flatten', [graph.op('GlobalAveragePool', [x])], { axis: 1 }), ['N', DIMENSION]);
    const model = withConditionBranch(normalizeModel(decodeModel(graph.encode())));
    expect(() => openLearner({ learner: encodeModel(model) })).toThrow(/no weights to train/);
  });
});
