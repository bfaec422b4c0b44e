import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { OutboxItem } from '@saface/core';
import { sha256Of } from '@saface/db/artifact-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, eventOf, runOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

const jpeg = Buffer.from('a picture').toString('base64');

describe('push', () => {
  let server: TestServer;
  let bearer: string;
  let base: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    base = await championOf(server);
  });
  afterAll(() => server?.close());

  const push = (items: OutboxItem[]) => server.agent('push', { items }, bearer);
  const statuses = async (items: OutboxItem[]) => (await push(items)).results.map(({ status }) => status);
  const itemOf = <K extends OutboxItem['kind']>(kind: K, payload: Extract<OutboxItem, { kind: K }>['payload']) =>
    ({ id: randomUUID(), kind, payload }) as OutboxItem;

  it('stores every item once, however often and however concurrently it is sent', async () => {
    const event = eventOf(server, { versionId: base, cropJpeg: jpeg });
    const run = runOf(server, { parentVersionId: base });
    const items = [
      itemOf('event', event),
      itemOf('event', { ...event, sequence: 1, ended: true }),
      itemOf('training-run', run),
      itemOf('triplet-pictures', {
        runId: run.id,
        triplets: [{ anchor: jpeg, positive: jpeg, negative: jpeg, positiveDistance: 0.5, negativeDistance: 0.6 }],
      }),
      itemOf('log', { time: Date.now(), level: 'info', message: 'hello' }),
      itemOf('metrics', [{ time: 1000, scope: 'edge', scopeId: server.demo.edgeId, values: { load: 0.5 } }]),
    ];
    const both = await Promise.all([statuses(items), statuses(items)]);
    expect(both.map((answer) => answer[0]).sort()).toEqual(['duplicate', 'stored']);
    expect(await statuses(items)).toEqual(items.map(() => 'duplicate'));
    const { prisma } = server.deps;
    expect(await prisma.event.count()).toBe(1);
    expect(await prisma.event.findUnique({ where: { id: event.id } })).toMatchObject({ sequence: 1, ended: true });
    expect(await prisma.lossPoint.count()).toBe(2);
    expect(await prisma.tripletExample.count()).toBe(1);
    expect(await prisma.agentLog.count()).toBe(1);
    expect(await prisma.metricSample.count()).toBe(1);
  });

  it('stores nothing as of tomorrow, whatever the clock of an agent says', async () => {
    const { prisma } = server.deps;
    const time = Date.UTC(2099, 0, 1);
    const { edgeId } = server.demo;
    await statuses([
      itemOf('log', { time, level: 'info', message: 'from the future' }),
      itemOf('metrics', [{ time, scope: 'edge', scopeId: edgeId, values: { load: 0.7 } }]),
    ]);
    const soon = new Date(Date.now() + 1);
    expect(
      await prisma.agentLog.findFirst({ where: { message: 'from the future', time: { lte: soon } } }),
    ).not.toBeNull();
    expect(await prisma.metricSample.count({ where: { time: { gt: soon } } })).toBe(0);
  });

  it('takes an id twice in one batch as one', async () => {
    const item = itemOf('log', { time: Date.now(), level: 'info', message: 'twice' });
    expect(await statuses([item, item])).toEqual(['stored', 'duplicate']);
  });

  it('rejects what can never be stored without holding up the rest', async () => {
    const good = eventOf(server, { versionId: base });
    const answer = await push([
      itemOf('event', eventOf(server, { versionId: base, cameraId: 'of another site' })),
      itemOf('event', eventOf(server, { versionId: 'unknown' })),
      itemOf('event', good),
    ]);
    expect(answer.results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'stored']);
    expect(answer.results[0].message).toContain('no camera of another site');
    expect(await server.deps.prisma.event.findUnique({ where: { id: good.id } })).not.toBeNull();
  });

  it('sets aside what the database cannot hold, though the contract let it through', async () => {
    const { pushItems } = await import('./push.ts');
    const { authenticateAgent } = await import('./authenticate.ts');
    const agent = await authenticateAgent(server.deps, `Bearer ${bearer}`);
    const good = itemOf('event', eventOf(server, { versionId: base }));
    for (const wrong of [
      { trackId: 2 ** 31 },
      { sequence: 2 ** 40 },
      { firstSeen: 1e16 },
      { lastSeen: 1e300 },
      { sessionId: '\0' },
    ]) {
      const bad = itemOf('event', { ...eventOf(server, { versionId: base }), ...wrong });
      const { results } = await pushItems(server.deps, agent, { items: [bad, good] });
      expect([wrong, results[0].status]).toEqual([wrong, 'rejected']);
      expect(results[0].message).toContain('a value that the database cannot');
      expect(results[1].status).not.toBe('rejected');
    }
  });

  it('keeps nothing of a batch that breaks in the middle, and all of it when it comes again', async () => {
    const { prisma } = server.deps;
    const first = itemOf('event', eventOf(server, { versionId: base }));
    const second = itemOf('event', eventOf(server, { versionId: base, cropJpeg: jpeg }));
    const broken = {
      ...server.deps,
      artifacts: {
        ...server.deps.artifacts,
        put: () => Promise.reject(new Error('the disk is gone')),
      },
    };
    const { pushItems } = await import('./push.ts');
    const { authenticateAgent } = await import('./authenticate.ts');
    const agent = await authenticateAgent(server.deps, `Bearer ${bearer}`);
    const before = await prisma.event.count();
    await expect(pushItems(broken, agent, { items: [first, second] })).rejects.toThrow('the disk is gone');
    expect(await prisma.event.count()).toBe(before);
    expect(await statuses([first, second])).toEqual(['stored', 'stored']);
    expect(await prisma.event.count()).toBe(before + 2);
  });

  it('ignores an event that is older than what it has, and keeps what a person said of it', async () => {
    const event = eventOf(server, { versionId: base, sequence: 5 });
    await push([itemOf('event', event)]);
    await server.as('operator').events.review({ id: event.id, verdict: 'confirm' });
    await push([itemOf('event', { ...event, sequence: 4, probes: 1 })]);
    await push([itemOf('event', { ...event, sequence: 6, probes: 9 })]);
    expect(await server.as('viewer').events.get({ id: event.id })).toMatchObject({ probes: 9, review: 'confirmed' });
  });

  it('promotes a version that passed, keeps one that failed as candidate, and leaves a late one to people', async () => {
    const { scenarioId } = server.demo.cameras[0];
    const passed = await candidateOf(server);
    expect(await statuses([itemOf('version', passed)])).toEqual(['stored']);
    expect(await championOf(server)).toBe(passed.id);
    const failed = await candidateOf(server);
    failed.verdict = { ...failed.verdict, passed: false };
    await push([itemOf('version', failed)]);
    expect(await championOf(server)).toBe(passed.id);
    const late = await candidateOf(server, { parentVersionId: base });
    await push([itemOf('version', late)]);
    expect(await championOf(server)).toBe(passed.id);
    const { versions, deployments } = await server.as('viewer').versions.list({ scenarioId });
    expect(versions.map(({ label, aliases }) => [label, aliases])).toEqual([
      ['base', ['previous']],
      ['v1', ['champion']],
      ['v2', []],
      ['v3', ['candidate']],
    ]);
    expect(deployments.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['auto', 'system'],
      ['initial', 'demo set-up'],
    ]);
  });

  it('keeps the newest of those held back, and any that served', async () => {
    const { scenarioId } = server.demo.cameras[0];
    const { artifacts, prisma } = server.deps;
    const runIds = new Map<string, string>();
    const heldBack = async () => {
      const run = runOf(server, { parentVersionId: base });
      const picture = Buffer.from(run.id).toString('base64');
      const triplet = {
        anchor: picture,
        positive: picture,
        negative: picture,
        positiveDistance: 1,
        negativeDistance: 1,
      };
      const version = await candidateOf(server, { runId: run.id });
      version.verdict = { ...version.verdict, passed: false };
      const pictures = itemOf('triplet-pictures', { runId: run.id, triplets: [triplet] });
      await push([itemOf('training-run', run), pictures, itemOf('version', version)]);
      runIds.set(version.id, run.id);
      return version.id;
    };
    const before = await championOf(server);
    const chosen = await heldBack();
    await server.as('engineer').versions.promote({ versionId: chosen, reason: 'test' });
    await server.as('engineer').versions.promote({ versionId: before, reason: 'test' });
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push(await heldBack());
    const { versions } = await server.as('viewer').versions.list({ scenarioId });
    const left = versions.map(({ id }) => id);
    expect(left.filter((id) => ids.includes(id))).toEqual(ids.slice(2));
    expect(left).toContain(chosen);
    // What a forgotten one was trained on goes with it.
    const runOfId = (id: string) => runIds.get(id)!;
    const examples = await prisma.tripletExample.findMany({ where: { runId: { in: ids.map(runOfId) } } });
    expect(examples.map(({ runId }) => runId).sort()).toEqual(ids.slice(2).map(runOfId).sort());
    const fileOf = (id: string) => artifacts.pathOf(sha256Of(Buffer.from(runOfId(id))));
    expect(ids.map((id) => existsSync(fileOf(id)))).toEqual(ids.map((_, index) => index >= 2));
  });

  it.each(['cancelled', 'failed'] as const)(
    'keeps no picture of a run that ended as %s, from before its end or after',
    async (status) => {
      const { artifacts, prisma } = server.deps;
      const run = runOf(server);
      const picturesOf = (name: string) => {
        const face = Buffer.from(`${name} ${run.id}`).toString('base64');
        const triplet = { anchor: face, positive: face, negative: face, positiveDistance: 1, negativeDistance: 1 };
        return itemOf('triplet-pictures', { runId: run.id, triplets: [triplet] });
      };
      await push([itemOf('training-run', run), picturesOf('before')]);
      expect(await prisma.tripletExample.count({ where: { runId: run.id } })).toBe(1);
      expect(await statuses([itemOf('training-run', { ...run, status }), picturesOf('after')])).toEqual([
        'stored',
        'stored',
      ]);
      expect(await prisma.tripletExample.count({ where: { runId: run.id } })).toBe(0);
      const pathOf = (name: string) => artifacts.pathOf(sha256Of(Buffer.from(`${name} ${run.id}`)));
      expect(['before', 'after'].map((name) => existsSync(pathOf(name)))).toEqual([false, false]);
    },
  );

  it('rejects a version whose learner was never uploaded', async () => {
    const version = await candidateOf(server);
    const learner = { sha256: '0'.repeat(64), bytes: 10 };
    expect(await statuses([itemOf('version', { ...version, learner })])).toEqual(['rejected']);
  });
});
