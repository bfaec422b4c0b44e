import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAway } from '../errors.ts';
import { redisForRequests } from '../redis.ts';
import { enrolEdge, enrolment, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { authenticateAgent } from './authenticate.ts';
import { pullEdgeConfig } from './pull.ts';

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

  it('is answered though Redis hangs, with nobody looking on', async () => {
    const hung = createServer().listen(0, '127.0.0.1');
    await once(hung, 'listening');
    const { port } = hung.address() as AddressInfo;
    const redis = redisForRequests(`redis://127.0.0.1:${port}`, { answerWithin: 20 });
    redis.on('error', () => undefined);
    const agent = await authenticateAgent(server.deps, `Bearer ${bearer}`);
    const answer = await pullEdgeConfig({ ...server.deps, redis }, agent, pull());
    expect(answer).toMatchObject({ status: 'changed', preview: [] });
    expect(isAway(await redis.get('saface:anything').catch((error: unknown) => error))).toBe(true);
    redis.disconnect();
    hung.close();
  });

  it('leaves the audit log as it was written, whatever an agent calls itself', async () => {
    const input = enrolment('camera', 'camera-token');
    await server.agent('enrol', { ...input, name: 'cam \ud800', host: { ...input.host, hostname: '\udfff' } });
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0].actor).toBe('camera agent cam \ufffd');
    expect(await server.as('auditor').audit.verify()).toMatchObject({ intact: true });
  });
});
