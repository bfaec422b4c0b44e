import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { peopleOf } from './edge-people.ts';

describe('the people an edge knows', () => {
  let server: TestServer;
  let asked: Parameters<typeof peopleOf>[1];
  beforeAll(async () => {
    server = await createTestServer(process.env);
    const { prisma } = server.deps;
    const { baseModelId } = await prisma.scenario.findUniqueOrThrow({
      where: { id: server.demo.cameras[0].scenarioId },
    });
    asked = { galleryIds: [server.demo.galleryId], baseModelIds: [baseModelId] };
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => server?.close());

  const people = () => peopleOf(server.deps.prisma, asked);
  const anybody = () => server.deps.prisma.identity.findFirstOrThrow({ orderBy: { id: 'asc' } });

  it('are read once while nobody changes, whatever else does', async () => {
    const first = await people();
    expect(first.length).toBeGreaterThan(1);
    await server.deps.prisma.camera.updateMany({ data: { name: 'Renamed' } });
    expect(await people()).toBe(first);
    const reversed = { ...asked, baseModelIds: [...asked.baseModelIds, 'another'].toReversed() };
    expect(await peopleOf(server.deps.prisma, reversed)).toEqual(first);
  });

  it('are read again after each change, and only once it is committed', async () => {
    const { prisma } = server.deps;
    const first = await people();
    const { id, name } = await anybody();
    await prisma.$transaction(async (transaction) => {
      await transaction.identity.update({ where: { id }, data: { name: 'Somebody' } });
      expect(await people()).toBe(first);
    });
    expect((await people()).find((person) => person.id === id)?.name).toBe('Somebody');
    await prisma.identity.update({ where: { id }, data: { name } });
    const again = await people();
    expect(again).toEqual(first);
    await prisma.enrolmentCrop.deleteMany({ where: { image: { identityId: id } } });
    expect((await people()).map((person) => person.id)).toEqual(
      first.map((person) => person.id).filter((other) => other !== id),
    );
  });

  it('are forgotten after a change, also in lists that nobody asks for any more', async () => {
    const { prisma } = server.deps;
    const { id } = await anybody();
    const touch = () => prisma.identity.update({ where: { id }, data: { note: 'touched' } });
    await touch();
    const old = await people();
    const { mark } = await prisma.peopleMark.findFirstOrThrow();
    await touch();
    await peopleOf(prisma, { ...asked, galleryIds: [] });
    // Were the old list still kept, it would be taken for the one of this mark.
    await prisma.peopleMark.updateMany({ data: { mark } });
    const again = await people();
    expect(again).toEqual(old);
    expect(again).not.toBe(old);
  });

  it('leave when their consent runs out, though nothing is written then', async () => {
    const { prisma } = server.deps;
    const [{ id }] = await people();
    const consentExpiresAt = new Date(Date.now() + 3_600_000);
    await prisma.identity.update({ where: { id }, data: { consentExpiresAt } });
    const before = await people();
    expect(before.some((person) => person.id === id)).toBe(true);
    expect(await people()).toBe(before);
    vi.useFakeTimers({ toFake: ['Date'], now: consentExpiresAt.getTime() + 1 });
    expect((await people()).some((person) => person.id === id)).toBe(false);
  });

  it('do not make transactions that change people wait for each other before they end', async () => {
    const { prisma } = server.deps;
    const [one, other] = await prisma.identity.findMany({ orderBy: { id: 'asc' }, take: 2 });
    const note = (of: { identity: typeof prisma.identity }, id: string, text: string) =>
      of.identity.update({ where: { id }, data: { note: text } });
    await prisma.$transaction(async (transaction) => {
      await note(transaction as typeof prisma, one.id, 'first');
      // Committed while the other transaction is still open: a mark that was locked by then would hold it up until it times out.
      await note(prisma, other.id, 'second');
    });
    expect(await prisma.identity.count({ where: { note: { in: ['first', 'second'] } } })).toBe(2);
  });
});
