import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDefaultModels } from '@saface/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleCameraConfig } from '../agents/camera-config.ts';
import { addImport } from '../services/model-imports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { modelImportHandler } from './model-import.ts';
import { modelFileReader } from './read-model-file.ts';
import { MAX_TRIES, withPatience } from './registry.ts';

describe('the import of a model', () => {
  let server: TestServer;
  let recogniser: Buffer;
  let folder: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    folder = join(server.deps.artifacts.folder, '../models');
    recogniser = await readFile((await ensureDefaultModels(folder)).recogniser.path);
  });
  afterAll(() => server?.close());

  async function upload(fileName: string, bytes: Uint8Array) {
    const { id } = await addImport(server.ctx('engineer'), { fileName, bytes });
    expect((await server.as('viewer').models.import({ id })).status).toBe('pending');
    expect(await server.deps.importQueue.getJob(id)).toBeDefined();
    const handler = modelImportHandler(server.deps, modelFileReader({ modelsDir: folder, threads: 1 }));
    await handler.run({ modelImportId: id });
    await handler.run({ modelImportId: id });
    return server.as('viewer').models.import({ id });
  }

  it('shows what was found with the legal cuts, and becomes a base model as the engineer corrects it', async () => {
    const found = await upload('resnet.onnx', recogniser);
    expect(found).toMatchObject({
      status: 'ready',
      report: { kind: 'recogniser', spec: { dimension: 128, input: { size: 150 } } },
    });
    const { report } = found;
    if (report?.kind !== 'recogniser') throw new Error('taken for a detector');
    const { cuts, spec } = report;
    expect(cuts.length).toBeGreaterThan(5);
    expect(report.probes.map(({ subject }) => subject)).toEqual(['Normalisation', 'Channel order', 'Alignment']);
    const [first] = cuts;
    const last = cuts[cuts.length - 1];
    expect(first.learner.flops).toBeGreaterThan(last.learner.flops);
    const total = ({ extractor, learner }: typeof first) => extractor.flops + learner.flops;
    expect(total(first)).toBeCloseTo(total(last), -3);

    const confirmation = {
      id: found.id,
      name: 'Our ResNet',
      licence: 'MIT',
      source: null,
      cut: last.tensor,
      channels: 'bgr' as const,
      mean: [122, 117, 104] as [number, number, number],
      scale: [1, 1, 1] as [number, number, number],
      threshold: 0.5,
    };
    const engineer = server.as('engineer');
    await expect(server.as('operator').models.confirmImport(confirmation)).rejects.toThrow('may not');
    await expect(engineer.models.confirmImport({ ...confirmation, cut: 'nowhere' })).rejects.toThrow('cannot be cut');
    const { id } = await engineer.models.confirmImport(confirmation);
    const model = (await server.as('viewer').models.list()).find((candidate) => candidate.id === id);
    expect(model).toMatchObject({
      name: 'Our ResNet',
      licence: 'MIT',
      channels: 'bgr',
      cut: { tensor: last.tensor },
      scenarios: [],
      dimension: spec.dimension,
    });
    await expect(engineer.models.confirmImport(confirmation)).rejects.toThrow('import is confirmed');
    await expect(engineer.models.discardImport({ id: found.id })).rejects.toThrow('has become a model of its own');
    expect(await server.as('viewer').models.imports()).toEqual([]);
  });

  it('knows a detector, tries it on sample pictures, and gives it to the base models that want it', async () => {
    const found = await upload('ssd.onnx', await readFile((await ensureDefaultModels(folder)).detector.path));
    expect(found).toMatchObject({
      status: 'ready',
      report: { kind: 'detector', family: 'face-api-ssd', landmarks: false },
    });
    const { samples } = found.report?.kind === 'detector' ? found.report : { samples: { known: 0, found: 0 } };
    expect(samples.known).toBeGreaterThan(5);
    expect(samples.found).toBe(samples.known);
    const confirmation = { id: found.id, name: 'Ours', licence: null, source: 'a test' };
    await expect(server.as('operator').models.confirmDetector(confirmation)).rejects.toThrow('may not');
    const engineer = server.as('engineer');
    const { id: detectorId } = await engineer.models.confirmDetector(confirmation);
    await expect(engineer.models.confirmDetector(confirmation)).rejects.toThrow('import is confirmed');

    const { cameraId } = server.demo.cameras[0];
    const before = await assembleCameraConfig(server.deps, cameraId);
    const choice = { baseModelId: server.demo.baseModelId, detectorId, reason: 'a test' };
    await engineer.models.chooseDetector(choice);
    await expect(engineer.models.chooseDetector(choice)).rejects.toThrow('uses Ours already');
    const after = await assembleCameraConfig(server.deps, cameraId);
    expect(after.detectorArtifact.sha256).not.toBe(before.detectorArtifact.sha256);
    const [ours] = (await server.as('viewer').models.detectors()).filter(({ id }) => id === detectorId);
    expect(ours.baseModels.map(({ id }) => id)).toEqual([server.demo.baseModelId]);
  });

  it.each([
    ['a pickle that was renamed', Buffer.from('\x80\x04\x95fake pickle with some more bytes behind it', 'latin1')],
    ['zeros', Buffer.alloc(1 << 20)],
    ["Git LFS's note", Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4')],
    ['a file that was cut short', null],
  ])('refuses %s with the reason and the remedy, and keeps no file', async (_what, bytes) => {
    const found = await upload('bad.onnx', bytes ?? recogniser.subarray(0, recogniser.length / 2));
    expect(found).toMatchObject({ status: 'refused', report: null });
    expect(found.reason?.length).toBeGreaterThan(10);
    expect(found.remedy?.length).toBeGreaterThan(5);
    const row = await server.deps.prisma.modelImport.findUniqueOrThrow({ where: { id: found.id } });
    expect(row).toMatchObject({ uploadSha256: null, onnxSha256: null });
    await server.as('engineer').models.discardImport({ id: found.id });
    await expect(server.as('viewer').models.import({ id: found.id })).rejects.toThrow('no such import');
  });

  it('refuses a file whose reading keeps failing, and keeps it no longer', async () => {
    const { id } = await addImport(server.ctx('engineer'), { fileName: 'bad.onnx', bytes: recogniser });
    const run = withPatience<'modelImport'>(
      modelImportHandler(server.deps, () => Promise.reject(new Error('an inner text'))),
      () => false,
    );
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      expect((await server.as('viewer').models.import({ id })).status).toBe('pending');
      await expect(run(id, { modelImportId: id })).rejects.toThrow('an inner text');
    }
    expect(await server.as('viewer').models.import({ id })).toMatchObject({
      status: 'refused',
      reason: 'It failed 3 times in a row',
      remedy: expect.stringContaining('log of the worker'),
    });
    const row = await server.deps.prisma.modelImport.findUniqueOrThrow({ where: { id } });
    expect(row.uploadSha256).toBeNull();
  });

  it('refuses an empty file at the door', async () => {
    const empty = { fileName: 'empty.onnx', bytes: new Uint8Array() };
    await expect(addImport(server.ctx('engineer'), empty)).rejects.toThrow('is empty');
  });
});
