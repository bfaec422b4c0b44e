import { randomUUID } from 'node:crypto';
import type { Prisma } from '@saface/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticateAgent } from '../agents/authenticate.ts';
import { knownPeople } from '../agents/known-people.ts';
import { loadScope } from '../agents/push-scope.ts';
import { storeEvent } from '../agents/store-event.ts';
import {
  candidateOf,
  championOf,
  enrolEdge,
  enrolPerson,
  eventOf,
  type PushedItem,
  pushAll,
} from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('erasing a person while something else goes on', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  const enrol = (name: string) => enrolPerson(server, name);
  const push = (...items: PushedItem[]) => pushAll(server, bearer, items);
  /** A transaction that did `work`, and commits when it is told to. */
  const holding = async (work: (tx: Prisma.TransactionClient) => Promise<unknown>) => {
    const [worked, finish] = [latch(), latch()];
    const committed = server.deps.prisma.$transaction(
      async (tx) => {
        await work(tx);
        worked.open();
        await finish.opened;
      },
      { timeout: 30_000 },
    );
    await worked.opened;
    return {
      commit() {
        finish.open();
        return committed;
      },
    };
  };
  /** Until a connection waits for another one's lock. */
  const somebodyWaits = () =>
    expect
      .poll(
        () =>
          server.deps.prisma.$queryRaw`
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        { timeout: 10_000, interval: 20 },
      )
      .toHaveLength(1);
  const seenNow = async (identityId: string) =>
    eventOf(server, {
      versionId: await championOf(server),
      decision: 'recognised',
      identityId,
      cropJpeg: Buffer.from(randomUUID()).toString('base64'),
    });

  it('waits for an event that is being stored, and takes its picture', async () => {
    const { prisma } = server.deps;
    const id = await enrol('Fay');
    const event = await seenNow(id);
    const agent = await authenticateAgent(server.deps, `Bearer ${bearer}`);
    const storing = await holding(async (tx) => {
      const scope = await loadScope(tx, agent);
      const people = await knownPeople(tx, [{ id: '1', kind: 'event', payload: event }]);
      await storeEvent({ deps: server.deps, tx, scope, people, release: [] }, event);
    });
    const erasing = server.as('operator').identities.erase({ id, reason: 'test' });
    await somebodyWaits();
    await storing.commit();
    expect(await erasing).toMatchObject({ events: 1 });
    const kept = await prisma.event.findUniqueOrThrow({ where: { id: event.id } });
    expect(kept).toMatchObject({ identityId: null, cropSha256: null });
  });

  it('is waited for by an event that comes meanwhile, which is then stored without the person', async () => {
    const { prisma } = server.deps;
    const id = await enrol('Gil');
    const event = await seenNow(id);
    const erasing = await holding((tx) => tx.identity.delete({ where: { id } }));
    const pushing = push({ kind: 'event', payload: event });
    await somebodyWaits();
    await erasing.commit();
    expect(await pushing).toEqual(['stored']);
    const kept = await prisma.event.findUniqueOrThrow({ where: { id: event.id } });
    expect(kept).toMatchObject({ identityId: null, cropSha256: null });
  });

  it('is waited for by a version that comes meanwhile, which then never serves and leaves the candidate alone', async () => {
    const { prisma } = server.deps;
    const id = await enrol('Hal');
    const heldBack = await candidateOf(server);
    heldBack.verdict.passed = false;
    expect(await push({ kind: 'version', payload: heldBack })).toEqual(['stored']);
    const version = await candidateOf(server);
    version.provenance.identityIds = [id];
    const receipt = { identityId: id, requestedByName: 'test', reason: 'test', edgesNotified: [], versionIds: [] };
    const counts = { pictures: 0, crops: 0, templates: 0, events: 0, triplets: 0, retiredVersionIds: [] };
    const erasing = await holding(async (tx) => {
      await tx.identity.delete({ where: { id } });
      await tx.erasureReceipt.create({ data: { ...receipt, ...counts } });
    });
    const pushing = push({ kind: 'version', payload: version });
    await somebodyWaits();
    await erasing.commit();
    expect(await pushing).toEqual(['stored']);
    const stored = await prisma.modelVersion.findUniqueOrThrow({ where: { id: version.id } });
    expect(stored.retiredAt).not.toBeNull();
    const alias = await prisma.alias.findFirst({ where: { name: 'candidate', scenarioId: version.scenarioId } });
    expect(alias?.versionId).toBe(heldBack.id);
  });

  it('begins again where the database ended it, because it and another transaction waited for each other', async () => {
    const { prisma } = server.deps;
    const id = await enrol('Ivy');
    const [locked, cross] = [latch(), latch()];
    const other = prisma.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT 1 FROM "Scenario" FOR UPDATE`;
        locked.open();
        await cross.opened;
        await tx.$executeRaw`SELECT 1 FROM "Identity" WHERE "id" = ${id} FOR UPDATE`;
      },
      { timeout: 30_000 },
    );
    await locked.opened;
    const erasing = server.as('operator').identities.erase({ id, reason: 'test' });
    await somebodyWaits();
    cross.open();
    // Whoever waited first is ended first, so this is the erasure.
    await other;
    expect(await erasing).toMatchObject({ pictures: 0 });
    expect(await prisma.identity.findUnique({ where: { id } })).toBeNull();
  });
});

function latch() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
