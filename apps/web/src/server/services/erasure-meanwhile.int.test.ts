import { randomUUID } from 'node:crypto';
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
import { holding, somebodyWaits } from '../testing/transactions.ts';

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
    const storing = await holding(server.deps.prisma, async (tx) => {
      const scope = await loadScope(tx, agent);
      const people = await knownPeople(tx, [{ id: '1', kind: 'event', payload: event }]);
      await storeEvent({ deps: server.deps, tx, scope, people, release: [] }, event);
    });
    const erasing = server.as('operator').identities.erase({ id, reason: 'test' });
    await somebodyWaits(server.deps.prisma);
    await storing.commit();
    expect(await erasing).toMatchObject({ events: 1 });
    const kept = await prisma.event.findUniqueOrThrow({ where: { id: event.id } });
    expect(kept).toMatchObject({ identityId: null, cropSha256: null });
  });

  it('is waited for by an event that comes meanwhile, which is then stored without the person', async () => {
    const { prisma } = server.deps;
    const id = await enrol('Gil');
    const event = await seenNow(id);
    const erasing = await holding(server.deps.prisma, (tx) => tx.identity.delete({ where: { id } }));
    const pushing = push({ kind: 'event', payload: event });
    await somebodyWaits(server.deps.prisma);
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
    const erasing = await holding(server.deps.prisma, async (tx) => {
      await tx.identity.delete({ where: { id } });
      await tx.erasureReceipt.create({ data: { ...receipt, ...counts } });
    });
    const pushing = push({ kind: 'version', payload: version });
    await somebodyWaits(server.deps.prisma);
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
    const other = await holding(
      prisma,
      (tx) => tx.$executeRaw`SELECT 1 FROM "Scenario" FOR UPDATE`,
      (tx) => tx.$executeRaw`SELECT 1 FROM "Identity" WHERE "id" = ${id} FOR UPDATE`,
    );
    const erasing = server.as('operator').identities.erase({ id, reason: 'test' });
    await somebodyWaits(server.deps.prisma);
    // Whoever waited first is ended first, so this is the erasure.
    await other.commit();
    expect(await erasing).toMatchObject({ pictures: 0 });
    expect(await prisma.identity.findUnique({ where: { id } })).toBeNull();
  });
});
