import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recogniserSpecSchema } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutModel, decodeModel, encodeModel } from '../../onnx/index.ts';
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
