import { defaultSchedulingPolicy } from '@saface/core';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { appRouter } from './root.ts';

describe('a bad setting', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
  });
  afterAll(() => server?.close());

  async function post(path: string, input: unknown) {
    const response = await fetchRequestHandler({
      endpoint: '/api/trpc',
      router: appRouter,
      req: new Request(`http://localhost/api/trpc/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
      createContext: () => server.ctx('engineer') as never,
    });
    return { status: response.status, body: await response.json() };
  }

  it.each([
    [-1, 'alpha must be 0 or more'],
    [Number.NaN, 'alpha must be a number'], // JSON carries it as null
    ['much', 'alpha must be a number'],
  ])('alpha = %s names the field and says what to give instead', async (alpha, message) => {
    const policy = { ...defaultSchedulingPolicy, alpha };
    const { status, body } = await post('scheduling.update', { edgeId: server.demo.edgeId, policy });
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
    expect(body.error.data.fields['policy.alpha'][0]).toContain(message);
    expect(JSON.stringify(body)).not.toContain('stack');
    const kept = await server.as('viewer').scheduling.get({ edgeId: server.demo.edgeId });
    expect(kept.policy).toEqual(defaultSchedulingPolicy);
  });

  it('of a camera source names the field', async () => {
    const [camera] = await server.as('viewer').cameras.list({});
    const { id, name, sampleRate, unpaced, minFaceSize, detectorThreshold } = camera;
    const settings = { id, name, sampleRate, unpaced, minFaceSize, detectorThreshold };
    const source = { kind: 'rtsp', url: 'file:///etc/passwd' };
    const input = { ...settings, source, scenarioId: camera.scenario.id, edgeServerId: camera.edge?.id };
    const { status, body } = await post('cameras.update', input);
    expect(status).toBe(400);
    expect(body.error.data.fields['source.url']).toEqual(['an RTSP address starts with rtsp://']);
  });

  it('tells the remedy of a domain error, and nothing of an inner one', async () => {
    const { body } = await post('versions.promote', { versionId: 'nothing', reason: 'because' });
    expect(body.error.data).toMatchObject({ errorCode: 'not-found', httpStatus: 404, remedy: expect.any(String) });
  });
});
