import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enrolEdge, enrolPerson, pull, pushAll, runOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

const jpeg = (text: string) => Buffer.from(text).toString('base64');

describe('deleting an edge', () => {
  let server: TestServer;
  let bearer: string;
  let id: string;
  beforeEach(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    id = server.demo.edgeId;
  });
  afterEach(() => server?.close());

  const engineer = () => server.as('engineer');
  const remove = () => engineer().fleet.deleteEdge({ id });
  const revoke = () => engineer().fleet.revokeAgent({ id: bearer.split('.')[0], reason: 'out of service' });
  const takeCamerasOff = () => server.deps.prisma.camera.updateMany({ data: { edgeServerId: null } });
  const erase = async (name: string) => {
    const person = await enrolPerson(server, name);
    await server.as('operator').identities.erase({ id: person, reason: 'asked for it', retireVersions: false });
  };
  const receipts = async () =>
    (await server.as('auditor').identities.receipts()).map(({ edgesTold, edgesWaiting, edgesLost }) => ({
      edgesTold,
      waiting: edgesWaiting.length,
      lost: edgesLost,
    }));

  it('waits until it is out of service and no camera sends to it', async () => {
    await expect(remove()).rejects.toThrow('Edge is in service');
    await revoke();
    await expect(remove()).rejects.toThrow('1 camera still sends to Edge');
    await takeCamerasOff();
    await remove();
    expect((await server.as('viewer').fleet.list({})).edges).toEqual([]);
    await expect(remove()).rejects.toThrow('no such edge server');
    await expect(server.agent('pullEdgeConfig', pull(), bearer)).rejects.toThrow('is not known here');
  });

  it('waits for an agent that asks to be let in', async () => {
    const { id: fresh } = await engineer().fleet.createEdge({ siteId: server.demo.siteId, name: 'Annex' });
    const { token } = await engineer().fleet.createToken({
      kind: 'edge',
      targetId: fresh,
      autoAccept: false,
      hours: 1,
      note: '',
    });
    const host = { hostname: 'annex', platform: 'linux', cpus: 2, memory: 1 << 30 };
    const { agentId } = await server.agent('enrol', { token, kind: 'edge', name: 'annex', version: '0.1.0', host });
    await expect(engineer().fleet.deleteEdge({ id: fresh })).rejects.toThrow('An agent waits to be accepted as Annex');
    await engineer().fleet.revokeAgent({ id: agentId, reason: 'not ours' });
    await engineer().fleet.deleteEdge({ id: fresh });
    expect((await engineer().fleet.tokens()).filter(({ target }) => target?.name === 'Annex')).toEqual([]);
  });

  it('keeps its training runs; one that was under way is over, and its pictures go', async () => {
    const { prisma } = server.deps;
    const open = runOf(server);
    const done = runOf(server, { status: 'done', endedAt: Date.now() });
    const triplet = {
      anchor: jpeg('a'),
      positive: jpeg('p'),
      negative: jpeg('n'),
      positiveDistance: 0.4,
      negativeDistance: 0.9,
    };
    await pushAll(server, bearer, [
      { kind: 'training-run', payload: done },
      { kind: 'training-run', payload: open },
      { kind: 'triplet-pictures', payload: { runId: open.id, triplets: [triplet] } },
    ]);
    const artifacts = await prisma.artifact.count();
    await revoke();
    await takeCamerasOff();
    await remove();
    const { training } = server.as('operator');
    expect(await training.get({ id: open.id })).toMatchObject({
      edge: null,
      status: 'cancelled',
      error: expect.stringContaining('Edge was deleted'),
      tripletExamples: [],
      points: expect.arrayContaining([expect.objectContaining({ step: 2 })]),
    });
    expect(await training.get({ id: done.id })).toMatchObject({ edge: null, status: 'done' });
    expect(await prisma.artifact.count()).toBe(artifacts - 3);
    await expect(training.cancel({ runId: open.id })).rejects.toThrow('The run is cancelled');
  });

  it('says on the receipt of an erasure that it never carried it out', async () => {
    await erase('Cleo');
    const { commands } = await server.agent('pullEdgeConfig', pull(), bearer);
    const acknowledged = commands.map((command) => command.id);
    await server.agent('pullEdgeConfig', { ...pull(), acknowledged }, bearer);
    await erase('Dan');
    expect(await receipts()).toEqual([
      { edgesTold: 1, waiting: 1, lost: [] },
      { edgesTold: 1, waiting: 0, lost: [] },
    ]);
    await revoke();
    await takeCamerasOff();
    await remove();
    expect(await receipts()).toEqual([
      { edgesTold: 1, waiting: 0, lost: ['Edge'] },
      { edgesTold: 1, waiting: 0, lost: [] },
    ]);
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({
      action: 'edge.delete',
      subjectId: id,
      data: { name: 'Edge', unfinishedErasures: 1 },
    });
  });

  it('loses no erasure with one that never ran', async () => {
    const { id: fresh } = await engineer().fleet.createEdge({ siteId: server.demo.siteId, name: 'Annex' });
    await erase('Cleo');
    await engineer().fleet.deleteEdge({ id: fresh });
    expect(await receipts()).toEqual([{ edgesTold: 2, waiting: 1, lost: [] }]);
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s', async (role) => {
    await expect(server.as(role).fleet.deleteEdge({ id })).rejects.toThrow(`The role ${role} may not do this`);
  });
});
