import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, enrolPerson, eventOf, runOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { retentionHandler } from './retention.ts';

const DAY_MS = 24 * 3_600_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
const picture = () => Buffer.from(randomUUID()).toString('base64');

describe('retention', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  const retain = () => retentionHandler(server.deps).run({});

  it('goes by when an event came, whatever the clock of the camera says', async () => {
    const { prisma, artifacts } = server.deps;
    const versionId = await championOf(server);
    const arrive = async (clock: number, receivedAt: Date) => {
      const event = eventOf(server, { versionId, firstSeen: clock, lastSeen: clock, cropJpeg: picture() });
      await server.agent('push', { items: [{ id: randomUUID(), kind: 'event', payload: event }] }, bearer);
      const { cropSha256 } = await prisma.event.update({ where: { id: event.id }, data: { receivedAt } });
      return { id: event.id, crop: artifacts.pathOf(cropSha256!) };
    };
    const [past, future] = [Date.UTC(1970, 0, 1), Date.UTC(2099, 0, 1)];
    const fresh = await arrive(past, new Date());
    const month = await arrive(future, ago(31));
    const year = await arrive(future, ago(181));
    await retain();
    const left = await prisma.event.findMany({ select: { id: true, cropSha256: true } });
    expect(left).toHaveLength(2);
    expect(left).toContainEqual({ id: fresh.id, cropSha256: expect.any(String) });
    expect(left).toContainEqual({ id: month.id, cropSha256: null });
    expect([fresh, month, year].map(({ crop }) => existsSync(crop))).toEqual([true, false, false]);
  });

  it('erases people whose consent ended and was not renewed in time', async () => {
    const { prisma } = server.deps;
    const ended = async (name: string, days: number) => {
      const id = await enrolPerson(server, name);
      await prisma.identity.update({ where: { id }, data: { consentExpiresAt: ago(days) } });
      return id;
    };
    const [renewable, over] = [await ended('Rena', 29), await ended('Otto', 31)];
    await retain();
    const left = await prisma.identity.findMany({ where: { id: { in: [renewable, over] } } });
    expect(left.map(({ id }) => id)).toEqual([renewable]);
    const receipts = await server.as('auditor').identities.receipts();
    expect(receipts.find(({ identityId }) => identityId === over)).toMatchObject({
      requestedBy: 'system',
      reason: `Consent ended on ${ago(31).toISOString().slice(0, 10)} and was not renewed`,
    });
  });

  it('retires what learnt from somebody whose consent ended, unless the policy says otherwise', async () => {
    const { prisma } = server.deps;
    const admin = server.as('admin').audit;
    const { policy } = await admin.retention();
    const champion = await championOf(server);
    const learntFrom = async (name: string) => {
      const identityId = await enrolPerson(server, name);
      const version = await candidateOf(server);
      version.provenance.identityIds = [identityId];
      await server.agent('push', { items: [{ id: randomUUID(), kind: 'version', payload: version }] }, bearer);
      await prisma.identity.update({ where: { id: identityId }, data: { consentExpiresAt: ago(31) } });
      await retain();
      return prisma.modelVersion.findUniqueOrThrow({ where: { id: version.id } });
    };
    expect(policy.retireVersions).toBe(true);
    expect(await learntFrom('Rita')).toMatchObject({ retiredByName: 'system' });
    expect(await championOf(server)).toBe(champion);
    await admin.setRetention({ ...policy, retireVersions: false });
    expect(await learntFrom('Kim')).toMatchObject({ retiredAt: null });
    await admin.setRetention(policy);
  });

  it('goes by the periods that an administrator sets, which are recorded, and tells what is due next', async () => {
    const { prisma } = server.deps;
    const admin = server.as('admin').audit;
    const { policy } = await admin.retention();
    const event = eventOf(server, { versionId: await championOf(server) });
    await server.agent('push', { items: [{ id: randomUUID(), kind: 'event', payload: event }] }, bearer);
    await prisma.event.deleteMany({ where: { id: { not: event.id } } });
    const receivedAt = ago(8);
    await prisma.event.update({ where: { id: event.id }, data: { receivedAt } });
    expect((await admin.retention()).next.eventDays).toBe(receivedAt.getTime() + policy.eventDays * DAY_MS);
    await retain();
    expect(await prisma.event.count({ where: { id: event.id } })).toBe(1);

    await admin.setRetention({ ...policy, eventDays: 7 });
    await retain();
    expect(await prisma.event.count({ where: { id: event.id } })).toBe(0);
    const { items } = await admin.list({ action: 'retention.update', limit: 1 });
    expect(items[0]?.data).toEqual({ from: policy, to: { ...policy, eventDays: 7 } });
    expect((await admin.retention()).next).toMatchObject({ eventDays: null });
    await expect(admin.setRetention({ ...policy, eventDays: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await admin.setRetention(policy);
  });

  it('goes by no period that somebody has written into the database and that is none, and does the rest', async () => {
    const { prisma } = server.deps;
    const admin = server.as('admin').audit;
    const { policy } = await admin.retention();
    await admin.setRetention(policy);
    const agentId = bearer.split('.')[0]!;
    const event = eventOf(server, { versionId: await championOf(server), cropJpeg: picture() });
    await server.agent('push', { items: [{ id: randomUUID(), kind: 'event', payload: event }] }, bearer);
    await prisma.event.update({ where: { id: event.id }, data: { receivedAt: ago(3000) } });
    await prisma.agentLog.create({
      data: { id: randomUUID(), agentId, time: ago(3000), level: 'info', message: 'long ago' },
    });
    const left = async () => [
      await prisma.event.count({ where: { id: event.id } }),
      await prisma.event.count({ where: { id: event.id, cropSha256: { not: null } } }),
      await prisma.agentLog.count({ where: { message: 'long ago' } }),
    ];
    const write = (value: object) => prisma.setting.update({ where: { key: 'retention' }, data: { value } });
    await write({ ...policy, eventDays: 1e12, cropDays: 0, logDays: 10 });
    await retain();
    expect(await left()).toEqual([1, 1, 0]);
    const { unusable, next } = await admin.retention();
    expect(unusable).toEqual({ eventDays: '1000000000000', cropDays: '0' });
    expect(next).toMatchObject({ eventDays: null, cropDays: null });

    await write({ ...policy, eventDays: 'ever' });
    await retain();
    expect(await left()).toEqual([1, 0, 0]);
    await admin.setRetention(policy);
    const { items } = await admin.list({ action: 'retention.update', limit: 1 });
    expect(items[0]?.data).toMatchObject({ from: { eventDays: '"ever"' } });
    await retain();
    expect(await left()).toEqual([0, 0, 0]);
  });

  it('keeps the triplet pictures of a run no longer than other pictures', async () => {
    const { prisma, artifacts } = server.deps;
    const arrive = async (createdAt: Date) => {
      const run = runOf(server);
      const triplet = { anchor: picture(), positive: picture(), negative: picture() };
      const payload = { runId: run.id, triplets: [{ ...triplet, positiveDistance: 1, negativeDistance: 1 }] };
      const items = [
        { id: randomUUID(), kind: 'training-run' as const, payload: run },
        { id: randomUUID(), kind: 'triplet-pictures' as const, payload },
      ];
      await server.agent('push', { items }, bearer);
      await prisma.tripletExample.updateMany({ where: { runId: run.id }, data: { createdAt } });
      const { anchorSha256 } = await prisma.tripletExample.findFirstOrThrow({ where: { runId: run.id } });
      return { runId: run.id, anchor: artifacts.pathOf(anchorSha256) };
    };
    const [old, young] = [await arrive(ago(31)), await arrive(ago(29))];
    await retain();
    expect(await prisma.tripletExample.findMany({ select: { runId: true } })).toEqual([{ runId: young.runId }]);
    expect([old, young].map(({ anchor }) => existsSync(anchor))).toEqual([false, true]);
    expect(await prisma.trainingRun.count()).toBe(2);
  });

  it('keeps the curve of a run for a while, and for good the run with the end of its curve', async () => {
    const { prisma } = server.deps;
    const arrive = async (updatedAt: Date) => {
      const run = runOf(server, { status: 'done' });
      await server.agent('push', { items: [{ id: randomUUID(), kind: 'training-run', payload: run }] }, bearer);
      await prisma.trainingRun.update({ where: { id: run.id }, data: { updatedAt } });
      return run.id;
    };
    const [old, young] = [await arrive(ago(91)), await arrive(ago(89))];
    await retain();
    await retain();
    const [before, after] = await Promise.all([old, young].map((id) => server.as('viewer').training.get({ id })));
    expect([before, after].map(({ points }) => points.map(({ step }) => step))).toEqual([[2], [1, 2]]);
    expect(before).toMatchObject({ status: 'done', lastLoss: 0.4 });
  });

  it('keeps orders until their edge has acknowledged them, and for a while after', async () => {
    const { prisma, demo } = { ...server.deps, demo: server.demo };
    const order = (acknowledgedAt: Date | null) =>
      prisma.command.create({
        data: {
          edgeServerId: demo.edgeId,
          command: { kind: 'forget-identity', identityId: 'gone' },
          createdByName: 'test',
          createdAt: ago(400),
          acknowledgedAt,
        },
      });
    const [waiting, , young] = [await order(null), await order(ago(31)), await order(ago(29))];
    await retain();
    const left = await prisma.command.findMany({ where: { createdAt: { lt: ago(399) } }, select: { id: true } });
    expect(left.map(({ id }) => id).sort()).toEqual([waiting.id, young.id].sort());
  });
});
