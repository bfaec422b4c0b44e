import type { Role } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';

const url = 'rtsp://admin:s@cr/et@10.0.0.7:554/stream?token=secret';
const shown = 'rtsp://***@10.0.0.7:554/stream?token=***';

describe('the password in a camera address', () => {
  let server: TestServer;
  let id: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    const { siteId } = await server.deps.prisma.camera.findFirstOrThrow();
    const [{ scenarioId }] = server.demo.cameras;
    const settings = {
      name: 'Door',
      scenarioId,
      edgeServerId: null,
      source: { kind: 'rtsp', url } as const,
      sampleRate: 5,
      unpaced: false,
      minFaceSize: 40,
      detectorThreshold: 0.5,
    };
    const cameras = server.as('operator').cameras;
    ({ id } = await cameras.create({ siteId, ...settings }));
    await cameras.update({ id, ...settings, name: 'Back door' });
  });
  afterAll(() => server?.close());

  async function seenBy(role: Role) {
    const { cameras } = server.as(role);
    const listed = (await cameras.list({})).find((camera) => camera.id === id);
    return [listed?.source, (await cameras.get({ id })).source];
  }

  it.each(['operator', 'engineer', 'admin'] as const)('is there for the role %s, who may change it', async (role) => {
    expect(await seenBy(role)).toEqual(Array(2).fill({ kind: 'rtsp', url }));
  });

  it.each(['viewer', 'auditor'] as const)('is not shown to the role %s', async (role) => {
    expect(await seenBy(role)).toEqual(Array(2).fill({ kind: 'rtsp', url: shown }));
  });

  it('is not in the audit log', async () => {
    const { items } = await server.as('auditor').audit.list({ limit: 50, subjectKind: 'camera', subjectId: id });
    expect(items.map(({ data }) => data.source)).toEqual(Array(2).fill({ kind: 'rtsp', url: shown }));
  });
});
