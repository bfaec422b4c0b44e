import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Enrolled, type Extractor, embedProbes, enrolmentAccuracy, type Learner } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDefaultModels, faceApiRecogniser } from '../../models/index.ts';
import { cutModel, decodeModel, encodeModel, normalizeModel } from '../../onnx/index.ts';
import { createOrtExtractor, createOrtLearner } from '../../training/index.ts';
import { benchmarkFaces } from './benchmark-faces.ts';

const { alignment, input, defaultCut, metric } = faceApiRecogniser;
let folder: string;
let extractor: Extractor;
let learner: Learner;
let faces: Enrolled;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-benchmark-'));
  const { recogniser } = await ensureDefaultModels(folder);
  const parts = cutModel(normalizeModel(decodeModel(await readFile(recogniser.path))), defaultCut);
  extractor = await createOrtExtractor(encodeModel(parts.extractor), { input });
  learner = await createOrtLearner(encodeModel(parts.learner));
  faces = (await benchmarkFaces(extractor, alignment))!;
});

afterAll(async () => {
  await extractor.dispose();
  await learner.dispose();
  await rm(folder, { recursive: true, force: true });
});

const accuracyOf = async (embed: Learner['embed']) => {
  const rows = faces.identityIds.map((_, row) => row);
  const { values, dimension } = await embedProbes({ embed }, faces.bank, rows);
  return enrolmentAccuracy(
    faces.identityIds.map((identityId, row) => ({
      identityId,
      embedding: values.subarray(row * dimension, (row + 1) * dimension),
    })),
    metric,
  );
};

describe('benchmarkFaces', () => {
  it('are three pictures of each of forty people', () => {
    const pictures = new Map<string, number>();
    for (const id of faces.identityIds) pictures.set(id, (pictures.get(id) ?? 0) + 1);
    expect([...pictures.values()]).toEqual(Array(40).fill(3));
    expect(faces.bank.sampleSize).toBe(extractor.featureShape.reduce((a, b) => a * b, 1));
  });

  it('are told apart by the default model, and no longer by one that has forgotten', async () => {
    expect(await accuracyOf((features) => learner.embed(features))).toBeGreaterThan(0.99);
    const collapsed: Learner['embed'] = async (features) => {
      const embeddings = await learner.embed(features);
      // All that is left of 128 directions is one.
      return embeddings.map((value, i) => (i % learner.dimension === 0 ? value : 0));
    };
    expect(await accuracyOf(collapsed)).toBeLessThan(0.9);
  });

  it('are nothing for a model of whole people', async () => {
    expect(await benchmarkFaces(extractor, { size: 64, crop: 'box' })).toBeNull();
  });
});
