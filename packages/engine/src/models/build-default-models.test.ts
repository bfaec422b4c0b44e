import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recogniserSpecSchema } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutModel, decodeModel, encodeModel, legalCuts, normalizeModel } from '../onnx/index.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/index.ts';
import { ensureDefaultModels } from './build-default-models.ts';
import { faceApiRecogniser, recogniserCuts } from './face-api/recogniser.ts';
import { chooseCut, describeCuts, type WantedCut } from './import/choose-cut.ts';
import { openDetector, openLandmarker, recogniserSpec } from './registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('ensureDefaultModels', () => {
  it('builds once, leaves no temporary files, and mends what was damaged', async () => {
    const dir = join(folder, 'models');
    const [first, concurrent] = await Promise.all([ensureDefaultModels(dir), ensureDefaultModels(dir)]);
    expect(concurrent).toEqual(first);
    expect((await readdir(dir)).sort()).toEqual([
      'detector.onnx',
      'landmarks.onnx',
      'manifest.json',
      'recogniser.onnx',
    ]);
    const written = (await stat(first.detector.path)).mtimeMs;
    expect(await ensureDefaultModels(dir)).toEqual(first);
    expect((await stat(first.detector.path)).mtimeMs).toBe(written);

    await writeFile(first.landmarks.path, 'cut short');
    expect(await ensureDefaultModels(dir)).toEqual(first);
    expect((await readFile(first.landmarks.path)).length).toBe(first.landmarks.bytes);
  });

  it('says which folder it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(ensureDefaultModels(join(folder, 'file', 'models'))).rejects.toThrow(/file\/models/);
  });
});

describe('the recogniser', () => {
  it('has a spec that survives JSON', () => {
    expect(recogniserSpecSchema.parse(JSON.parse(JSON.stringify(faceApiRecogniser)))).toEqual(faceApiRecogniser);
    expect(recogniserSpec(faceApiRecogniser.name)).toBe(faceApiRecogniser);
    expect(() => recogniserSpec('arcface')).toThrow(/"arcface"/);
  });

  it('can be cut after every block, and the parts together compute what the whole does', async () => {
    const { recogniser } = await ensureDefaultModels(join(folder, 'models'));
    const whole = normalizeModel(decodeModel(await readFile(recogniser.path)));
    const cuts = legalCuts(whole).map((cut) => cut.tensor);
    for (const name of recogniserCuts) expect(cuts).toContain(name);
    const { cut, extractor, learner } = cutModel(whole, faceApiRecogniser.defaultCut);
    expect(cut.shape).toEqual([64, 17, 17]);

    const input = floatTensor(
      Float32Array.from({ length: 2 * 3 * 150 * 150 }, (_, i) => Math.sin(i)),
      [2, 3, 150, 150],
    );
    const run = async (model: Uint8Array, feeds: Parameters<OrtSession['run']>[0], output: string) => {
      const session = await OrtSession.create(model);
      const result = await session.run(feeds);
      await session.dispose();
      return result[output]!;
    };
    const expected = floatData(await run(await readFile(recogniser.path), { input }, 'embedding'), 'embedding');
    const features = await run(encodeModel(extractor), { input }, cut.tensor);
    const found = floatData(await run(encodeModel(learner), { [cut.tensor]: features }, 'embedding'), 'embedding');
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });
});

describe('the chosen cut', () => {
  it('leaves the learner about the wanted share of the work, with few features where several do', async () => {
    const { recogniser, spec } = await ensureDefaultModels(join(folder, 'models'));
    const whole = normalizeModel(decodeModel(await readFile(recogniser.path)));
    const cuts = describeCuts(whole);
    const chosen = (wanted?: WantedCut) => {
      const { tensor, obstacle } = chooseCut(whole, cuts, spec.metric, wanted);
      expect(obstacle).toBeNull();
      return cuts.find((cut) => cut.tensor === tensor)!;
    };
    expect(Math.abs(chosen().learnerShare - 0.4)).toBeLessThan(0.1);
    const exact = chosen({ share: 2 / 3, step: 0.01 });
    expect(exact.shape).toEqual([32, 35, 35]);
    expect(Math.abs(exact.learnerShare - 2 / 3)).toBe(
      Math.min(...cuts.map(({ learnerShare }) => Math.abs(learnerShare - 2 / 3))),
    );
    expect(chosen({ share: 2 / 3, step: 0.2 }).shape).toEqual([64, 17, 17]);
  });
});

describe('the registry', () => {
  it('opens files by what they say they are', async () => {
    const models = await ensureDefaultModels(join(folder, 'models'));
    const detector = await openDetector(models.detector.path);
    const landmarker = await openLandmarker(models.landmarks.path);
    expect([detector.name, landmarker.name]).toEqual(['face-api-ssd', 'face-api-68']);
    await detector.dispose();
    await landmarker.dispose();
    await expect(openDetector(models.recogniser.path)).rejects.toThrow(/no detector of the kind "face-api-resnet"/);
    await mkdir(join(folder, 'empty'), { recursive: true });
    await expect(openDetector(join(folder, 'empty', 'x.onnx'))).rejects.toThrow(/x\.onnx/);
  });
});
