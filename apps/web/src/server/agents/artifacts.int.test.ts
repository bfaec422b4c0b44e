import { readFile, writeFile } from 'node:fs/promises';
import { sha256Of } from '@saface/db/artifact-store';
import type { AgentRow } from '@saface/db/repositories/agents';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { enrolEdge, enrolment, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { readArtifactFor, storeArtifactOf } from './artifacts.ts';
import { authenticateAgent } from './authenticate.ts';
import { assembleEdgeConfig, edgeConfigNames } from './edge-config.ts';

describe('artifacts of agents', () => {
  let server: TestServer;
  let edge: AgentRow;
  let camera: AgentRow;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    edge = await authenticateAgent(server.deps, `Bearer ${bearer}`);
    const { agentId, secret } = await server.agent('enrol', enrolment('camera', 'camera-token'));
    camera = await authenticateAgent(server.deps, `Bearer ${agentId}.${secret}`);
  });
  afterAll(() => server?.close());

  const bytes = Buffer.from('a learner');
  const store = (sha256: string, agent = edge) =>
    storeArtifactOf(server.deps, agent, { sha256, read: async () => bytes });

  it('are stored under the hash they were announced with, or not at all', async () => {
    const wrong = '0'.repeat(64);
    await expect(store(wrong)).rejects.toMatchObject({ code: 'integrity' });
    await expect(store('../../etc/passwd')).rejects.toMatchObject({ code: 'invalid-input' });
    const { prisma } = server.deps;
    expect(await prisma.artifact.findMany({ where: { sha256: { in: [wrong, sha256Of(bytes)] } } })).toEqual([]);
    expect(await store(sha256Of(bytes))).toEqual({ sha256: sha256Of(bytes), bytes: bytes.length });
    expect(await store(sha256Of(bytes))).toEqual({ sha256: sha256Of(bytes), bytes: bytes.length });
    await expect(store(sha256Of(bytes), camera)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('are not even read of agents that may not send any', async () => {
    const read = vi.fn(async () => bytes);
    const waiting: AgentRow = { ...edge, status: 'pending' };
    for (const agent of [camera, waiting])
      await expect(storeArtifactOf(server.deps, agent, { sha256: sha256Of(bytes), read })).rejects.toMatchObject({
        code: 'forbidden',
      });
    await expect(storeArtifactOf(server.deps, edge, { sha256: 'x', read })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    expect(read).not.toHaveBeenCalled();
  });

  it('are unreadable on disk and noticed when they were tampered with', async () => {
    const { artifacts } = server.deps;
    await store(sha256Of(bytes));
    const path = artifacts.pathOf(sha256Of(bytes));
    const sealed = await readFile(path);
    expect(sealed.includes(bytes)).toBe(false);
    sealed[sealed.length - 1] ^= 1;
    await writeFile(path, sealed);
    await expect(artifacts.read(sha256Of(bytes))).rejects.toMatchObject({ code: 'integrity' });
  });

  it('may be read only by agents whose configuration names them', async () => {
    const { config } = await server.agent('pullEdgeConfig', pull(), bearer);
    const [crop] = config!.identities[0].crops;
    expect(Buffer.from(await readArtifactFor(server.deps, edge, crop.sha256)).toString()).toMatch(/crop$/);
    await expect(readArtifactFor(server.deps, camera, crop.sha256)).rejects.toMatchObject({ code: 'not-found' });
    const picture = await server.deps.prisma.enrolmentImage.findFirstOrThrow();
    await expect(readArtifactFor(server.deps, edge, picture.pictureSha256!)).rejects.toMatchObject({
      code: 'not-found',
    });
    const detector = sha256Of(Buffer.from('detector'));
    expect(Buffer.from(await readArtifactFor(server.deps, camera, detector)).toString()).toBe('detector');
  });

  it('may be read exactly when the configuration names them, which is not assembled for that', async () => {
    const { prisma, artifacts } = server.deps;
    const [{ scenarioId, cameraId }] = server.demo.cameras;
    const { siteId, baseModelId } = await prisma.scenario.findUniqueOrThrow({ where: { id: scenarioId } });
    const base = await prisma.baseModel.findUniqueOrThrow({ where: { id: baseModelId } });
    const { id: _id, cuts: _cuts, recogniser: _recogniser, ...files } = base;
    const put = async (text: string) => (await artifacts.put(prisma, Buffer.from(text))).sha256;
    // Another base model, which only a scenario without a camera of this edge uses.
    const foreign = await prisma.baseModel.create({
      data: { ...files, name: 'foreign', recogniser: {}, recogniserSha256: await put('foreign') },
    });
    await prisma.scenario.create({
      data: { siteId, baseModelId: foreign.id, name: 'foreign', decision: {}, learning: {} },
    });
    const [first, second] = await prisma.enrolmentImage.findMany({ orderBy: { id: 'asc' } });
    const cropSha256 = await put('a crop for the foreign model');
    await prisma.enrolmentCrop.create({ data: { imageId: first.id, baseModelId: foreign.id, cropSha256 } });

    let number = 100;
    const version = async (changes: { parentId?: string; retiredAt?: Date; baseModelId?: string } = {}) => {
      const learnerSha256 = await put(`learner ${++number}`);
      const data = { scenarioId, baseModelId, number, learnerSha256, createdAt: new Date(), ...changes };
      return (await prisma.modelVersion.create({ data })).id;
    };
    const alias = (name: 'champion' | 'previous' | 'shadow' | 'candidate', versionId: string) =>
      prisma.alias.upsert({
        where: { scenarioId_name: { scenarioId, name } },
        create: { scenarioId, name, versionId },
        update: { versionId },
      });
    const parentId = await version();
    const identity = (data: { consentExpiresAt: Date | null }) =>
      prisma.identity.update({ where: { id: second.identityId }, data });
    const steps: (() => Promise<unknown>)[] = [
      async () => alias('champion', await version({ parentId })),
      async () => alias('previous', await version()),
      async () => alias('shadow', await version({ baseModelId: foreign.id })),
      async () => alias('candidate', await version()),
      async () => alias('previous', await version({ retiredAt: new Date() })),
      async () => alias('champion', await version({ parentId, retiredAt: new Date() })),
      async () => alias('shadow', await version()),
      () => identity({ consentExpiresAt: new Date(Date.now() - 1000) }),
      () => identity({ consentExpiresAt: new Date(Date.now() + 60_000) }),
      () => prisma.enrolmentImage.update({ where: { id: first.id }, data: { status: 'rejected' } }),
      () => prisma.galleryIdentity.deleteMany({ where: { identityId: second.identityId } }),
      () => prisma.enrolmentImage.update({ where: { id: first.id }, data: { status: 'accepted' } }),
      () => prisma.camera.update({ where: { id: cameraId }, data: { deletedAt: new Date() } }),
    ];
    const listing = vi.fn(({ args, query }) => query(args));
    const watched = prisma.$extends({ query: { identity: { findMany: listing } } }) as unknown as typeof prisma;
    const counts: number[] = [];
    for (const step of [async () => undefined, ...steps]) {
      await step();
      const config = JSON.stringify(await assembleEdgeConfig(prisma, edge.edge!.id));
      const all = (await prisma.artifact.findMany()).map(({ sha256 }) => sha256);
      const named = all.filter((sha256) => config.includes(sha256));
      const read: string[] = [];
      for (const sha256 of all) if (await edgeConfigNames(watched, edge.edge!.id, sha256)) read.push(sha256);
      expect(read).toEqual(named);
      counts.push(named.length);
    }
    // Each step made a difference, or was meant to make none.
    expect(counts).toEqual([3, 5, 6, 6, 6, 5, 5, 6, 5, 6, 5, 4, 5, 0]);
    expect(listing).not.toHaveBeenCalled();
  });
});
