import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolEdge, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('another name', () => {
  let server: TestServer;
  let siteId: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    siteId = server.demo.siteId;
  });
  afterAll(() => server?.close());

  const engineer = () => server.as('engineer');
  const scenarioId = () => server.demo.cameras[0].scenarioId;
  const lastRecord = async (subjectId: string) => {
    const { items } = await server.as('auditor').audit.list({ limit: 1, subjectId });
    return { action: items[0].action, actor: items[0].actor, data: items[0].data };
  };

  it('of a scenario is kept beside the one before, and reaches its edge', async () => {
    const bearer = await enrolEdge(server);
    await engineer().scenarios.rename({ id: scenarioId(), name: '  Long corridor ' });
    expect((await server.as('viewer').scenarios.get({ id: scenarioId() })).name).toBe('Long corridor');
    expect(await lastRecord(scenarioId())).toEqual({
      action: 'scenario.rename',
      actor: 'The engineer',
      data: { name: 'Long corridor', before: { name: 'corridor' } },
    });
    const { config } = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(config?.scenarios.map(({ name }) => name)).toEqual(['Long corridor']);
  });

  it('of an edge and of a site is kept beside the one before', async () => {
    const { edgeId } = server.demo;
    await engineer().fleet.renameEdge({ id: edgeId, name: 'Cellar' });
    expect(await lastRecord(edgeId)).toMatchObject({ data: { name: 'Cellar', before: { name: 'Edge' } } });
    await engineer().sites.update({ id: siteId, name: 'Pier', timeZone: 'Europe/Berlin' });
    expect(await lastRecord(siteId)).toEqual({
      action: 'site.update',
      actor: 'The engineer',
      data: { name: 'Pier', timeZone: 'Europe/Berlin', before: { name: 'Harbour House', timeZone: 'UTC' } },
    });
  });

  it('is refused where a sibling has it, and taken where only somebody else has', async () => {
    const { baseModel, decision, learning } = await engineer().scenarios.get({ id: scenarioId() });
    const site = await engineer().sites.create({ name: 'Mill', timeZone: 'UTC' });
    const scenario = { name: 'yard', baseModelId: baseModel.id, galleryIds: [], decision, learning };
    await engineer().scenarios.create({ ...scenario, siteId });
    const elsewhere = await engineer().scenarios.create({ ...scenario, name: 'gate', siteId: site.id });
    await engineer().fleet.createEdge({ siteId, name: 'Attic' });

    const taken = 'There is already one of that name';
    await expect(engineer().scenarios.rename({ id: scenarioId(), name: 'yard' })).rejects.toThrow(taken);
    await expect(engineer().fleet.renameEdge({ id: server.demo.edgeId, name: 'Attic' })).rejects.toThrow(taken);
    await expect(engineer().sites.update({ id: siteId, name: 'Mill', timeZone: 'UTC' })).rejects.toThrow(taken);
    await engineer().scenarios.rename({ id: elsewhere.id, name: 'yard' });
  });

  it('follows the rules that a new one does', async () => {
    await expect(engineer().scenarios.rename({ id: scenarioId(), name: ' ' })).rejects.toThrow('a name is needed');
    await expect(engineer().scenarios.rename({ id: scenarioId(), name: 'x'.repeat(101) })).rejects.toThrow(
      'at most 100',
    );
    await expect(engineer().scenarios.rename({ id: 'gone', name: 'x' })).rejects.toThrow('no such scenario');
    await expect(engineer().fleet.renameEdge({ id: 'gone', name: 'x' })).rejects.toThrow('no such edge server');
    await expect(engineer().sites.update({ id: 'gone', name: 'x', timeZone: 'UTC' })).rejects.toThrow('no such site');
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s to give', async (role) => {
    const refusal = `The role ${role} may not do this`;
    const as = server.as(role);
    await expect(as.scenarios.rename({ id: scenarioId(), name: 'x' })).rejects.toThrow(refusal);
    await expect(as.fleet.renameEdge({ id: server.demo.edgeId, name: 'x' })).rejects.toThrow(refusal);
    await expect(as.sites.update({ id: siteId, name: 'x', timeZone: 'UTC' })).rejects.toThrow(refusal);
  });
});
