import { saveMetricSamples } from '@saface/db/repositories/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';

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
});
