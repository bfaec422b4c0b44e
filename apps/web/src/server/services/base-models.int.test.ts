import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { finishMove } from './base-model-moves.ts';

describe('a base model', () => {
  let server: TestServer;
  let otherId: string;
  let scenarioId: string;
  beforeEach(async () => {
    server = await createTestServer(process.env);
    [{ scenarioId }] = server.demo.cameras;
    const { prisma, artifacts } = server.deps;
    const { id: _, createdAt: __, cuts: ___, recogniser, ...model } = await prisma.baseModel.findFirstOrThrow();
    const { sha256 } = await artifacts.put(prisma, Buffer.from('other recogniser'));
    const data = { ...model, name: 'Other', recogniser: recogniser!, recogniserSha256: sha256 };
    const image = await prisma.enrolmentImage.findFirstOrThrow();
    const crop = await artifacts.put(prisma, Buffer.from('crop for the other'));
    const imported = { status: 'confirmed', fileName: 'other.onnx', bytes: 16, requestedByName: 'x' } as const;
    const other = await prisma.baseModel.create({
      data: {
        ...data,
        crops: { create: { imageId: image.id, cropSha256: crop.sha256 } },
        imports: { create: { ...imported, onnxSha256: sha256 } },
      },
    });
    otherId = other.id;
  });
  afterEach(() => server?.close());

  const engineer = () => server.as('engineer');
  const request = () => engineer().scenarios.move({ scenarioId, baseModelId: otherId, reason: 'finds more' });

  it('is shown under another name, unless a sibling has it', async () => {
    await engineer().models.rename({ id: otherId, name: 'Night model' });
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    const data = { name: 'Night model', before: { name: 'Other' } };
    expect(items[0]).toMatchObject({ action: 'model.rename', subjectId: otherId, data });
    const [builtIn, other] = await engineer().models.list();
    expect(other.name).toBe('Night model');
    const taken = engineer().models.rename({ id: otherId, name: builtIn.name });
    await expect(taken).rejects.toThrow('There is already one of that name');
  });

  it('goes with its files, and leaves those that others need', async () => {
    const { prisma } = server.deps;
    const before = await prisma.artifact.count();
    await engineer().models.delete({ id: otherId });
    expect((await engineer().models.list()).map(({ builtIn }) => builtIn)).toEqual([true]);
    // The recogniser and the crop; the landmarks are the other model's as well.
    expect(await prisma.artifact.count()).toBe(before - 2);
    expect(await prisma.modelImport.count()).toBe(0);
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ action: 'model.delete', subjectId: otherId, data: { name: 'Other' } });
    await expect(engineer().models.delete({ id: otherId })).rejects.toThrow('no such base model');
  });

  it('stays where it came with the product', async () => {
    await expect(engineer().models.delete({ id: server.demo.baseModelId })).rejects.toThrow('came with the product');
  });

  it('stays while a scenario is on its way to it, and while one has versions of it', async () => {
    const { id } = await request();
    await expect(engineer().models.delete({ id: otherId })).rejects.toThrow('corridor is on the way to Other');
    await finishMove(server.deps, id);
    await expect(engineer().models.delete({ id: otherId })).rejects.toThrow('Other has versions in corridor');
    const back = { scenarioId, baseModelId: server.demo.baseModelId, reason: 'finds less' };
    await finishMove(server.deps, (await engineer().scenarios.move(back)).id);
    await expect(engineer().models.delete({ id: otherId })).rejects.toThrow('Other has versions in corridor');
    const models = await engineer().models.list();
    expect(models.map(({ lineages }) => lineages.map(({ name }) => name))).toEqual([['corridor'], ['corridor']]);
    await engineer().cameras.delete({ id: server.demo.cameras[0].cameraId });
    await engineer().scenarios.delete({ id: scenarioId });
    await engineer().models.delete({ id: otherId });
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s to rename or delete', async (role) => {
    const refusal = `The role ${role} may not do this`;
    await expect(server.as(role).models.rename({ id: otherId, name: 'x' })).rejects.toThrow(refusal);
    await expect(server.as(role).models.delete({ id: otherId })).rejects.toThrow(refusal);
  });
});
