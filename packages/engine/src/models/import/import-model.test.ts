import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recogniserSpecSchema } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutModel, decodeModel, encodeModel, GraphBuilder } from '../../onnx/index.ts';
import { noiseArray } from '../../training/fixtures.ts';
import { createOrtExtractor } from '../../training/ort-extractor.ts';
import { createOrtLearner } from '../../training/ort-learner.ts';
import { createOrtTrainer } from '../../training/ort-trainer.ts';
import { ensureDefaultModels } from '../build-default-models.ts';
import { importModel } from './import-model.ts';
import { type ProbeFace, packagedFaces } from './probe-faces.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../..');
const model = join(process.env.SAFACE_DATA_DIR ?? join(root, '../shared/data'), 'models/foamliu_MobileFaceNet.onnx');

let folder: string;
let faces: readonly ProbeFace[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-import-'));
  faces = await packagedFaces(await ensureDefaultModels(folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const declared = {
  kind: 'recogniser',
  name: 'mobile',
  mean: [123.675, 116.28, 103.53],
  scale: [1 / 58.395, 1 / 57.12, 1 / 57.375],
  channels: 'rgb',
  template: 'arcface',
} as const;
const some = async () => faces.slice(0, 8);

describe.skipIf(!existsSync(model))(`MobileFaceNet, which was exported elsewhere (needs ${model})`, () => {
  it('finds out by itself how the model wants its faces', async () => {
    const imported = await importModel(await readFile(model), {
      kind: 'recogniser',
      name: 'mobile',
      faces: async () => faces,
    });
    const [best] = imported.probe.candidates;
    expect(best).toMatchObject({ normalisation: 'imagenet', channels: 'rgb', template: 'arcface' });
    expect(imported.probe.confidence.normalisation).toBeGreaterThan(0.8);
    expect(imported.spec.input.mean[0]).toBeCloseTo(123.675, 3);
    expect(imported.obstacle).toBeNull();
  });

  it('serves and trains at the cut it chose', async () => {
    const imported = await importModel(await readFile(model), { ...declared, faces: some });
    const { spec, cuts } = imported;
    expect(recogniserSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    const cut = cuts.find(({ tensor }) => tensor === spec.defaultCut)!;
    expect(cut.learnerShare).toBeGreaterThan(0.3);
    expect(cut.learnerShare).toBeLessThan(0.5);
    const parts = cutModel(decodeModel(imported.onnx), spec.defaultCut);
    const trainer = await createOrtTrainer({ learner: encodeModel(parts.learner), metric: 'cosine', threads: 1 });
    const size = cut.shape.reduce((a, b) => a * b, 1);
    const features = Float32Array.from({ length: 3 * size }, (_, i) => Math.sin(i * i));
    const options = { learningRate: 0.01, momentum: 0, weightDecay: 0, basePull: 0, margin: 2, apply: true };
    const first = await trainer.step(features, options);
    const second = await trainer.step(features, options);
    expect(first.active).toBe(1);
    expect(second.loss).toBeLessThan(first.loss);
    await trainer.dispose();
  });

  it('is used as it is where no cut is wanted', async () => {
    const imported = await importModel(await readFile(model), { ...declared, cut: 'none', faces: some });
    expect(imported.obstacle).not.toBeNull();
    const parts = cutModel(decodeModel(imported.onnx), imported.spec.defaultCut);
    const extractor = await createOrtExtractor(encodeModel(parts.extractor), { input: imported.spec.input });
    const learner = await createOrtLearner(encodeModel(parts.learner));
    const crop = { width: 112, height: 112, data: new Uint8Array(112 * 112 * 3).fill(99) };
    const features = await extractor.extract([crop, crop]);
    expect(await learner.embed(features)).toEqual(features);
    expect(features.length).toBe(2 * 128);
    await expect(createOrtTrainer({ learner: encodeModel(parts.learner), metric: 'cosine' })).rejects.toThrow(
      /no weights to train/,
    );
    await extractor.dispose();
    await learner.dispose();
  });

  it('refuses a cut that is none, and lists those that are', async () => {
    const task = importModel(await readFile(model), { ...declared, cut: 'nowhere', faces: some });
    await expect(task).rejects.toMatchObject({ code: 'unsupported', message: /nowhere/ });
  });
});

/** One projection of the pixels, which has learnt nothing, and what comes after it. */
function projection(dimension: number, end = (_: GraphBuilder, logits: string) => logits): Uint8Array {
  const graph = new GraphBuilder();
  const flat = graph.op('Flatten', [graph.input('x', ['N', 3, 32, 32])], { axis: 1 });
  const weights = graph.constant(noiseArray(3072 * dimension, 1), [3072, dimension]);
  graph.output(end(graph, graph.op('MatMul', [flat, weights])), ['N', dimension]);
  return encodeModel(graph.build());
}

describe('what is no recogniser', () => {
  const take = (onnx: Uint8Array, input = {}) =>
    importModel(onnx, { kind: 'recogniser', name: 'taken', faces: some, ...input });

  it.each(['Softmax', 'LogSoftmax'])('is refused by the %s that it ends in', async (type) => {
    const ends = projection(12, (graph, logits) => graph.op('Identity', [graph.op(type, [logits], { axis: -1 })]));
    await expect(take(ends)).rejects.toMatchObject({
      code: 'unsupported',
      message: `The model ends in ${type}: it gives the shares of 12 classes, not an embedding`,
      remedy: expect.stringContaining('classification head'),
    });
  });

  it('is refused where it has as many values as ImageNet has classes', async () => {
    await expect(take(projection(1000))).rejects.toThrow('gives 1000 values, as many as ImageNet has classes');
  });

  it('is taken with a doubt where it tells the sample faces apart hardly better than their pixels', async () => {
    const { notes, doubt } = await take(projection(16));
    expect(notes).toEqual([]);
    expect(doubt).toMatch(/^Tells 8 sample faces apart .* \(separation 0\.\d\d, pixels 0\.6\)/);
  });
});
