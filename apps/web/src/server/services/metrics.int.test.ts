import { saveMetricSamples } from '@saface/db/repositories/metrics';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { championOf, enrolEdge, eventOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { collectMetrics } from './prometheus.ts';

describe('metric series', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    const scope = { scope: 'edge', scopeId: server.demo.edgeId } as const;
    await saveMetricSamples(server.deps.prisma, [
      { ...scope, time: 1_000, values: { load: 0.2, batch: 8, nE: 20, bMax: 10, trainingSteps: 2 } },
      { ...scope, time: 1_500, values: { load: 0.4, batch: 6, nE: 20, bMax: 10, trainingSteps: 3 } },
      { ...scope, time: 9_000, values: { load: 0.6, batch: 4, nE: 20, bMax: 10 } },
    ]);
  });
  afterAll(() => server?.close());

  const range = () => ({ from: 0, to: 10_000, buckets: 10 });

  it('average levels, add up counts, and leave gaps where nothing was measured', async () => {
    const { times, bucketMs, series } = await server.as('viewer').metrics.series({
      ...range(),
      scope: 'edge',
      scopeId: server.demo.edgeId,
      names: ['load', 'trainingSteps'],
    });
    expect(bucketMs).toBe(1000);
    expect(times).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
    const gap = Array(7).fill(null);
    expect(series[0].values.map((v) => v && Number(v.toFixed(6)))).toEqual([null, 0.3, ...gap, 0.6]);
    expect(series[1].values).toEqual([null, 5, ...gap, null]);
  });

  it('replay the recorded load under another alpha by Eq. 2', async () => {
    const what = await server.as('viewer').scheduling.whatIf({ ...range(), edgeId: server.demo.edgeId, alpha: 0.5 });
    const known = what.points.filter(({ load }) => load !== null);
    expect(known.map(({ batch, whatIf }) => [batch, whatIf])).toEqual([
      [7, 8], // floor(10 * (1 - 0.5 * 0.3))
      [4, 7], // floor(10 * (1 - 0.5 * 0.6))
    ]);
    expect(what.meanWhatIf).toBe(7.5);
  });

  it('for Prometheus count no events, however many there are', async () => {
    const { prisma } = server.deps;
    const bearer = await enrolEdge(server);
    const versionId = await championOf(server);
    const items = [1, 2].map((n) => ({ id: `e${n}`, kind: 'event' as const, payload: eventOf(server, { versionId }) }));
    await server.agent('push', { items }, bearer);
    await prisma.$executeRaw`ANALYZE "Event"`;
    const count = vi.fn();
    const watched = prisma.$extends({ query: { event: { count } } }) as unknown as typeof prisma;
    const { text } = await collectMetrics({ ...server.deps, prisma: watched });
    expect(text).toContain('saface_rows{table="events"} 2');
    expect(text).toContain('saface_agents{kind="edge",state="offline"}');
    expect(count).not.toHaveBeenCalled();
  });
});
