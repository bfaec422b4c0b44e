import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('deleting a site', () => {
  let server: TestServer;
  let id: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    id = server.demo.siteId;
  });
  afterAll(() => server?.close());

  const engineer = () => server.as('engineer');
  const remove = () => engineer().sites.delete({ id });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s', async (role) => {
    await expect(server.as(role).sites.delete({ id })).rejects.toThrow(`The role ${role} may not do this`);
  });

  it('waits until nothing is in it, and says what still is', async () => {
    const [{ cameraId, scenarioId }] = server.demo.cameras;
    await expect(remove()).rejects.toThrow('Harbour House still has 1 edge, 1 camera and 1 scenario');
    await engineer().cameras.delete({ id: cameraId });
    await expect(remove()).rejects.toThrow('Harbour House still has 1 edge and 1 scenario');
    await engineer().fleet.deleteEdge({ id: server.demo.edgeId });
    await expect(remove()).rejects.toThrow('Harbour House still has 1 scenario');
    await engineer().scenarios.delete({ id: scenarioId });
    await remove();
    expect(await engineer().sites.list()).toEqual([]);
    await expect(remove()).rejects.toThrow('no such site');
  });

  it('is in the audit log, with all that was done there', async () => {
    const { audit } = server.as('auditor');
    const { items } = await audit.list({ limit: 100 });
    expect(items.map(({ action }) => action)).toEqual([
      'site.delete',
      'scenario.delete',
      'edge.delete',
      'camera.delete',
      'demo.create',
    ]);
    expect(items[0]).toMatchObject({ subjectId: id, actor: 'The engineer', data: { name: 'Harbour House' } });
    expect((await audit.verify()).intact).toBe(true);
  });
});
