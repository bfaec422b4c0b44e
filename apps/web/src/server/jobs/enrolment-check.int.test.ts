import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type RecogniserSpec, usesLandmarks } from '@saface/core';
import { checkEnrolmentPicture, decodeImage, detectInStill, ensureDefaultModels } from '@saface/engine';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPictures } from '../services/enrolment.ts';
import { enrolEdge, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { baseModelMoveHandler } from './base-model-move.ts';
import { enrolmentCheckHandler } from './enrolment-check.ts';
import { addMissingCrops, wantedBaseModels } from './enrolment-crops.ts';
import { createFaceToolbox, type FaceTools } from './face-tools.ts';
import { MAX_TRIES, withPatience } from './registry.ts';

const samples = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')), 'demo');

describe('the check of an enrolment picture', () => {
  let server: TestServer;
  let tools: FaceTools;
  let toolsFor: (id: string) => Promise<FaceTools>;
  /** Two different people, cut out of a group picture. */
  let portraits: Buffer[];

  beforeAll(async () => {
    server = await createTestServer(process.env);
    const { prisma, artifacts } = server.deps;
    const folder = join(dirname(artifacts.folder), 'models');
    const models = await ensureDefaultModels(folder);
    const put = async (path: string) => (await artifacts.put(prisma, await readFile(path))).sha256;
    const detector = { name: 'real', family: 'face-api-ssd', sha256: await put(models.detector.path) };
    const { id: detectorId } = await prisma.detector.create({ data: detector });
    const { id: baseModelId } = await prisma.baseModel.create({
      data: {
        name: 'real',
        recogniser: { ...models.spec, input: { ...models.spec.input } } as never,
        recogniserSha256: await put(models.recogniser.path),
        detectorId,
        landmarksSha256: await put(models.landmarks.path),
      },
    });
    await rm(folder, { recursive: true });
    await prisma.scenario.updateMany({ data: { baseModelId } });
    await prisma.modelVersion.updateMany({ data: { baseModelId } });
    toolsFor = createFaceToolbox(server.deps, 1);
    tools = await toolsFor(baseModelId);
    portraits = await cutPortraits();
  });
  afterAll(() => server?.close());

  /** Faces that pass the check when they are alone on their picture. */
  async function cutPortraits(): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const name of ['sample1.jpg', 'sample4.jpg']) {
      const bytes = await readFile(join(samples, name));
      const image = await decodeImage(bytes, name);
      for (const { box } of await detectInStill(tools.detector, image)) {
        const margin = box.width * 0.35;
        const left = Math.max(0, Math.round(box.x - margin));
        const top = Math.max(0, Math.round(box.y - margin));
        const width = Math.min(image.width - left, Math.round(box.width + 2 * margin));
        const height = Math.min(image.height - top, Math.round(box.height + 2 * margin));
        const portrait = await sharp(bytes).extract({ left, top, width, height }).png().toBuffer();
        if ((await checkEnrolmentPicture(portrait, name, tools)).ok) found.push(portrait);
        if (found.length === 2) return found;
      }
    }
    return found;
  }

  async function enrol(name: string, bytes: Uint8Array) {
    const { id } = await server.as('operator').identities.create({
      name,
      galleryIds: [server.demo.galleryId],
      consent: { purpose: 'test', basis: 'consent', expiresAt: null, note: '' },
    });
    const { accepted } = await addPictures(server.ctx('operator'), id, [{ fileName: `${name}.png`, bytes }]);
    const handler = enrolmentCheckHandler(server.deps, toolsFor);
    await handler.run({ enrolmentImageId: accepted[0].id });
    // A job that comes twice changes nothing.
    await handler.run({ enrolmentImageId: accepted[0].id });
    return (await server.as('viewer').identities.get({ id })).images[0];
  }

  it('accepts a face with its quality and an aligned crop, which the edge is then told of', async () => {
    const bearer = await enrolEdge(server);
    const image = await enrol('First', portraits[0]);
    expect(image).toMatchObject({ status: 'accepted', reason: null, duplicateOf: null });
    expect(image.quality).toBeGreaterThan(0);
    const { cropSha256 } = await server.deps.prisma.enrolmentImage.findUniqueOrThrow({ where: { id: image.id } });
    const crop = await sharp(Buffer.from(await server.deps.artifacts.read(cropSha256!))).metadata();
    expect(crop).toMatchObject({ format: 'png', width: tools.alignment.size, height: tools.alignment.size });
    const { config } = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(config?.identities.find(({ name }) => name === 'First')?.crops[0].sha256).toBe(cropSha256);
  });

  it('flags a face that is enrolled under another name, and no other', async () => {
    const again = await enrol(
      'Second name of the first',
      await sharp(portraits[0]).modulate({ brightness: 1.1 }).png().toBuffer(),
    );
    expect(again).toMatchObject({ status: 'accepted', duplicateOf: { name: 'First' } });
    expect(await enrol('Somebody else', portraits[1])).toMatchObject({ status: 'accepted', duplicateOf: null });
  });

  it('rejects a picture without a face, and one with several, saying what to do', async () => {
    const blank = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#89a' } })
      .png()
      .toBuffer();
    expect(await enrol('Blank', blank)).toMatchObject({
      status: 'rejected',
      reason: expect.stringMatching(/^No face.*Use a/),
    });
    const group = await readFile(join(samples, 'sample1.jpg'));
    expect(await enrol('Group', group)).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('More than one face'),
    });
  });

  it('rejects a picture whose check keeps failing, saying what to do', async () => {
    const { id: identityId } = await server.as('operator').identities.create({
      name: 'Unlucky',
      galleryIds: [server.demo.galleryId],
      consent: { purpose: 'test', basis: 'consent', expiresAt: null, note: '' },
    });
    const upload = { fileName: 'unlucky.png', bytes: portraits[0] };
    const { accepted } = await addPictures(server.ctx('operator'), identityId, [upload]);
    const handler = enrolmentCheckHandler(server.deps, () => Promise.reject(new Error('an inner text')));
    const run = withPatience<'enrolmentCheck'>(handler, () => false);
    const look = async () => {
      await expect(run('job', { enrolmentImageId: accepted[0].id })).rejects.toThrow('an inner text');
      return (await server.as('viewer').identities.get({ id: identityId })).images[0];
    };
    for (let tries = 1; tries < MAX_TRIES; tries++) expect((await look()).status).toBe('pending');
    const { status, reason } = await look();
    expect(status).toBe('rejected');
    expect(reason).toMatch(/could not be checked.*log of the worker/);
    expect(reason).not.toContain('an inner text');
    await server.deps.prisma.identity.delete({ where: { id: identityId } });
  });

  it('gives crops of other base models when one cannot be opened', async () => {
    const { prisma } = server.deps;
    const [{ scenarioId }] = server.demo.cameras;
    const { siteId, ...scenario } = await prisma.scenario.findUniqueOrThrow({ where: { id: scenarioId } });
    // Another scenario on the demo's own base model, whose files are none.
    const broken = { siteId, baseModelId: server.demo.baseModelId, name: 'broken', decision: {}, learning: {} };
    const { id } = await prisma.scenario.create({ data: broken });
    const added: string[] = [];
    const forOthers = async (baseModelId: string) => {
      if (baseModelId === broken.baseModelId) throw new Error('is no model');
      added.push(baseModelId);
      return toolsFor(baseModelId);
    };
    // The broken one is looked at first.
    expect(await wantedBaseModels(server.deps)).toEqual([broken.baseModelId, scenario.baseModelId]);
    await prisma.enrolmentCrop.updateMany({ data: { templateSealed: null, reason: null } });
    expect(await addMissingCrops(server.deps, forOthers)).toBeGreaterThan(0);
    expect(added).toEqual([scenario.baseModelId]);
    await prisma.scenario.delete({ where: { id } });
  });

  it('gives templates to pictures that came with a crop only', async () => {
    const { prisma } = server.deps;
    await prisma.enrolmentImage.deleteMany({ where: { source: 'seed' } });
    await prisma.enrolmentCrop.updateMany({ data: { templateSealed: null } });
    expect(await addMissingCrops(server.deps, toolsFor)).toBe(3);
    expect(await addMissingCrops(server.deps, toolsFor)).toBe(0);
  });

  it('aligns the pictures for another base model before a scenario moves to it, and moves everything at once', async () => {
    const { prisma } = server.deps;
    const bearer = await prisma.agent.findFirstOrThrow().then(async ({ id }) => {
      await prisma.agent.delete({ where: { id } });
      await prisma.enrolmentToken.updateMany({ data: { usedAt: null, usedByAgentId: null } });
      return enrolEdge(server);
    });
    const [{ scenarioId }] = server.demo.cameras;
    const old = await prisma.baseModel.findFirstOrThrow({ where: { name: 'real' } });
    const recogniser = old.recogniser as unknown as RecogniserSpec;
    // Another base model: the same network, which wants its faces cut out a little wider.
    if (!usesLandmarks(recogniser.alignment)) throw new Error('the default recogniser is aligned by landmarks');
    const template = recogniser.alignment.template.map(({ x, y }) => ({ x: x * 0.9 + 7, y: y * 0.9 + 7 }));
    const { id: baseModelId } = await prisma.baseModel.create({
      data: {
        ...old,
        id: undefined,
        cuts: undefined,
        name: 'wider',
        recogniser: { ...recogniser, alignment: { ...recogniser.alignment, template } } as never,
      },
    });
    await prisma.scenario.update({
      where: { id: scenarioId },
      data: { decision: { threshold: 0.4, margin: 0.05, minProbes: 3, minQuality: 0.2 } },
    });
    const engineer = server.as('engineer');
    const ask = () => engineer.scenarios.move({ scenarioId, baseModelId, reason: 'finds more' });
    const { id: moveId } = await ask();
    await expect(ask()).rejects.toThrow('on its way');
    const before = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(before.config?.scenarios[0].baseModelId).toBe(old.id);

    const handler = baseModelMoveHandler(server.deps, toolsFor);
    await handler.run({ moveId });
    await handler.run({ moveId });
    const after = await server.agent('pullEdgeConfig', pull({}, before.revision), bearer);
    expect(after.config?.scenarios[0]).toMatchObject({
      baseModelId,
      champion: { learner: null },
      previous: null,
      decision: { threshold: null },
    });
    const cropsOf = (config: typeof after.config) => config!.identities.map(({ crops }) => crops.map((c) => c.sha256));
    expect(after.config?.identities).toHaveLength(3);
    expect(after.config?.identities.flatMap(({ crops }) => crops.map((c) => c.baseModelId))).toEqual(
      Array(3).fill(baseModelId),
    );
    expect(cropsOf(after.config)).not.toEqual(cropsOf(before.config));

    const { versions, deployments } = await engineer.versions.list({ scenarioId });
    expect(deployments[0]).toMatchObject({ kind: 'rebase', reason: 'finds more', to: { label: 'v1' } });
    const [base] = versions;
    expect(base).toMatchObject({ label: 'base', applies: false, aliases: [] });
    await expect(engineer.versions.promote({ versionId: base.id, reason: 'it was better' })).rejects.toThrow(
      'base was learnt on',
    );
    const { items } = await server.as('auditor').audit.list({ limit: 2 });
    expect(items.map(({ action }) => action)).toEqual(['scenario.moved', 'scenario.move']);
    expect(items[0].data).toMatchObject({ from: old.id, to: baseModelId, droppedThreshold: 0.4 });

    // And back: the version that stood for the old base model serves again, with the crops it had.
    const { id: back } = await engineer.scenarios.move({ scenarioId, baseModelId: old.id, reason: 'it did not' });
    await handler.run({ moveId: back });
    const again = await server.agent('pullEdgeConfig', pull({}, after.revision), bearer);
    expect(again.config?.scenarios[0]).toMatchObject({ baseModelId: old.id, champion: { id: base.id } });
    expect(cropsOf(again.config)).toEqual(cropsOf(before.config));
  });

  it('fails a move to a model that cannot be opened, and the scenario stays where it is', async () => {
    const { prisma } = server.deps;
    const [{ scenarioId }] = server.demo.cameras;
    const { id: moveId } = await server.as('engineer').scenarios.move({
      scenarioId,
      baseModelId: server.demo.baseModelId,
      reason: 'a file that is no model',
    });
    await baseModelMoveHandler(server.deps, toolsFor).run({ moveId });
    const scenario = await server.as('viewer').scenarios.get({ id: scenarioId });
    expect(scenario.move).toMatchObject({ status: 'failed', error: expect.any(String) });
    const { baseModelId } = await prisma.scenario.findUniqueOrThrow({ where: { id: scenarioId } });
    expect(baseModelId).not.toBe(server.demo.baseModelId);
  });
});
