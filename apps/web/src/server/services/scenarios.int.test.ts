import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, eventOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { finishMove } from './base-model-moves.ts';

describe('a scenario', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  const scenarioId = () => server.demo.cameras[0].scenarioId;

  it('counts the events of each of its versions', async () => {
    const base = await championOf(server);
    const version = await candidateOf(server);
    const events = [base, version.id, version.id].map((versionId) => eventOf(server, { versionId }));
    const items = [
      { id: randomUUID(), kind: 'version' as const, payload: version },
      ...events.map((payload) => ({ id: randomUUID(), kind: 'event' as const, payload })),
    ];
    await server.agent('push', { items }, bearer);
    const { versions } = await server.as('viewer').versions.list({ scenarioId: scenarioId() });
    expect(versions.map(({ label, events: count }) => [label, count])).toEqual([
      ['base', 1],
      ['v1', 2],
    ]);
  });

  it('says how near enrolled people came to the newest tracks of a version', async () => {
    const versionId = await championOf(server);
    // Of somebody unknown the runner-up is the nearest.
    const at = (distance: number | null, secondDistance: number | null, ended = true) =>
      eventOf(server, {
        versionId,
        distance,
        runnerUpDistance: distance,
        secondDistance,
        ended,
        firstSeen: Date.now() - (distance ?? 0) * 1e4,
      });
    const candidate = await candidateOf(server);
    const events = [
      at(0.3, 0.7),
      at(0.5, null),
      // Not over, nobody enrolled, another version's.
      at(0.2, 0.9, false),
      at(null, null),
      { ...at(0.1, 0.9), versionId: candidate.id },
    ];
    const items = [
      { id: randomUUID(), kind: 'version' as const, payload: candidate },
      ...events.map((payload) => ({ id: randomUUID(), kind: 'event' as const, payload })),
    ];
    const { results } = await server.agent('push', { items }, bearer);
    expect(results.map(({ status }) => status)).toEqual(items.map(() => 'stored'));
    expect(await server.as('viewer').versions.distances({ versionId })).toEqual({
      tracks: [
        { nearest: 0.3, second: 0.7 },
        { nearest: 0.5, second: null },
      ],
      since: events[1].firstSeen,
    });
    await expect(server.as('viewer').versions.distances({ versionId: 'gone' })).rejects.toThrow(
      'There is no such version',
    );
  });

  it('does not take policies that were opened before it moved to another base model', async () => {
    const { prisma } = server.deps;
    const engineer = server.as('engineer');
    const id = scenarioId();
    const open = async () => {
      const { galleries, decision, learning, baseModel } = await engineer.scenarios.get({ id });
      return { id, baseModelId: baseModel.id, galleryIds: galleries.map((g) => g.id), decision, learning };
    };
    const first = await open();
    await engineer.scenarios.update({ ...first, decision: { ...first.decision, threshold: 0.4 } });
    const form = await open();
    const { id: _, createdAt: __, cuts: ___, recogniser, ...model } = await prisma.baseModel.findFirstOrThrow();
    const other = await prisma.baseModel.create({ data: { ...model, name: 'Other', recogniser: recogniser! } });
    const move = await engineer.scenarios.move({ scenarioId: id, baseModelId: other.id, reason: 'finds more' });
    await finishMove(server.deps, move.id);

    await expect(engineer.scenarios.update(form)).rejects.toThrow('is on Other now');
    const now = await open();
    expect(now.decision.threshold).toBeNull();
    await engineer.scenarios.update({ ...now, decision: { ...now.decision, minProbes: 7 } });
    expect((await open()).decision.minProbes).toBe(7);
  });
});
