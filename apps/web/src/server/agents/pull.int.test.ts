import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolEdge, enrolment, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('what agents say', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  it('keeps no edge from its configuration, whatever a camera calls its error', async () => {
    const { cameraId } = server.demo.cameras[0];
    for (const half of ['\ud800', '\udc00', 'a'.repeat(998) + '😀'.repeat(4)]) {
      const cameras = [{ cameraId, state: 'failed' as const, error: half }];
      const changes = { cameras, problems: [`${half}\0`], ingestUrl: `ws://${half}`.slice(0, 500) };
      expect(await server.agent('pullEdgeConfig', pull(changes), bearer)).toMatchObject({ status: 'changed' });
    }
    const { reported } = await server.deps.prisma.agent.findFirstOrThrow();
    expect(reported).toMatchObject({ problems: [expect.stringMatching(/^a{998}…$/)], cameras: [{ state: 'failed' }] });
  });

  it('leaves the audit log as it was written, whatever an agent calls itself', async () => {
    const input = enrolment('camera', 'camera-token');
    await server.agent('enrol', { ...input, name: 'cam \ud800', host: { ...input.host, hostname: '\udfff' } });
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0].actor).toBe('camera agent cam \ufffd');
    expect(await server.as('auditor').audit.verify()).toMatchObject({ intact: true });
  });
});
