import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolEdge } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('the overview', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
  });
  afterAll(() => server?.close());

  const look = async () => {
    const { sites, alerts } = await server.as('viewer').overview.get();
    const [site] = sites;
    return { edges: site!.edges, said: [...alerts, ...site!.alerts].map(({ message }) => message) };
  };

  it('tells of a revoked edge as long as cameras send to it', async () => {
    const { prisma } = server.deps;
    const [id] = (await enrolEdge(server)).split('.');
    expect((await look()).said.join()).not.toContain('revoked');
    await server.as('engineer').fleet.revokeAgent({ id: id!, reason: 'stolen' });
    const { edgeServerId } = await prisma.agent.findUniqueOrThrow({ where: { id: id! } });
    expect(await prisma.camera.count({ where: { edgeServerId } })).toBeGreaterThan(0);
    const before = await look();
    expect(before.said).toContainEqual(
      expect.stringMatching(/^Edge .* is revoked, and \d+ cameras? still sends? to it$/),
    );

    await prisma.camera.updateMany({ data: { edgeServerId: null } });
    const after = await look();
    expect(after.said.join()).not.toContain('revoked');
    expect(after.edges.total).toBe(before.edges.total - 1);
  });

  it('tells of consents that have ended, and of those that end soon', async () => {
    const { prisma } = server.deps;
    const day = 24 * 3_600_000;
    for (const [name, days] of [
      ['Ada', -1],
      ['Ben', 3],
    ] as const)
      await prisma.identity.updateMany({
        where: { name },
        data: { consentExpiresAt: new Date(Date.now() + days * day) },
      });
    const { said } = await look();
    expect(said).toContainEqual(expect.stringMatching(/^Ada's consent has ended/));
    expect(said).toContainEqual(expect.stringMatching(/^Ben's consent ends on/));
  });
});
