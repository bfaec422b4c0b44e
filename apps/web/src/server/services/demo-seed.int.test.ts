import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('the set-up of the demo, run again', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await createTestServer(process.env);
  });
  afterEach(() => server?.close());

  const engineer = () => server.as('engineer');
  const ids = () => {
    const [{ cameraId, scenarioId }] = server.demo.cameras;
    return { cameraId, scenarioId };
  };
  const names = async () => {
    const { prisma } = server.deps;
    const [sites, edges, scenarios, cameras] = await Promise.all([
      prisma.site.findMany(),
      prisma.edgeServer.findMany(),
      prisma.scenario.findMany(),
      prisma.camera.findMany({ where: { deletedAt: null } }),
    ]);
    return [sites, edges, scenarios, cameras].map((rows) => rows.map(({ name }) => name));
  };

  it('leaves the names that people gave', async () => {
    const { siteId, edgeId } = server.demo;
    await engineer().sites.update({ id: siteId, name: 'Pier', timeZone: 'UTC' });
    await engineer().fleet.renameEdge({ id: edgeId, name: 'Cellar' });
    await engineer().scenarios.rename({ id: ids().scenarioId, name: 'Hall' });
    await server.deps.prisma.camera.update({ where: { id: ids().cameraId }, data: { name: 'Lamp' } });
    expect(await server.seed()).toEqual(server.demo);
    expect(await names()).toEqual([['Pier'], ['Cellar'], ['Hall'], ['Lamp']]);
  });

  it('does not bring back what people have deleted', async () => {
    await engineer().cameras.delete({ id: ids().cameraId });
    const { cameras } = await server.seed();
    expect(cameras).toEqual([]);
    expect(await names()).toEqual([['Harbour House'], ['Edge'], ['corridor'], []]);

    await engineer().scenarios.delete({ id: ids().scenarioId });
    await server.seed();
    expect(await names()).toEqual([['Harbour House'], ['Edge'], [], []]);

    await engineer().fleet.deleteEdge({ id: server.demo.edgeId });
    expect((await server.seed()).hasEdge).toBe(false);
    expect(await names()).toEqual([['Harbour House'], [], [], []]);

    await engineer().sites.delete({ id: server.demo.siteId });
    expect(await server.seed()).toMatchObject({ hasEdge: false, cameras: [] });
    expect(await names()).toEqual([[], [], [], []]);
    expect(await server.deps.prisma.auditEntry.count({ where: { action: 'demo.create' } })).toBe(1);
  });

  it('goes on with a camera that was moved before its scenario and edge were deleted', async () => {
    const { siteId, edgeId } = server.demo;
    const { baseModel, decision, learning } = await engineer().scenarios.get({ id: ids().scenarioId });
    const scenario = { siteId, name: 'corridor 2', baseModelId: baseModel.id, galleryIds: [], decision, learning };
    const { id: scenarioId } = await engineer().scenarios.create(scenario);
    const { prisma } = server.deps;
    await prisma.camera.update({ where: { id: ids().cameraId }, data: { scenarioId, edgeServerId: null } });
    await engineer().scenarios.delete({ id: ids().scenarioId });
    await engineer().fleet.deleteEdge({ id: edgeId });
    expect((await server.seed()).cameras).toEqual([{ ...server.demo.cameras[0], scenarioId }]);
    expect(await names()).toEqual([['Harbour House'], [], ['corridor 2'], ['Corridor']]);
  });

  it('leaves a gallery away that was deleted, and adds nobody anew', async () => {
    const { prisma } = server.deps;
    const { items: people } = await server.as('operator').identities.list({});
    const guests = await prisma.gallery.create({ data: { name: 'Guests' } });
    for (const { id } of people)
      await prisma.galleryIdentity.create({ data: { identityId: id, galleryId: guests.id } });
    await server.as('operator').galleries.delete({ id: server.demo.galleryId });
    await server.seed();
    expect((await prisma.gallery.findMany()).map(({ name }) => name)).toEqual(['Guests']);
    expect(await prisma.identity.count()).toBe(people.length);
  });
});
