import { readFile, writeFile } from 'node:fs/promises';
import { sha256Of } from '@saface/db/artifact-store';
import type { AgentRow } from '@saface/db/repositories/agents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolEdge, enrolment, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { readArtifactFor, storeArtifactOf } from './artifacts.ts';
import { authenticateAgent } from './authenticate.ts';

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
  const store = (sha256: string, agent = edge) => storeArtifactOf(server.deps, agent, { sha256, bytes });

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
});
