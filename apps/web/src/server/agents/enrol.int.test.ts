import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { championOf, enrolEdge, enrolment, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('enrolling an agent', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  const cameraKey = async (id: string) =>
    (await server.deps.prisma.camera.findUniqueOrThrow({ where: { id } })).ingestKeySha256;

  it('is refused with a token that nobody made, that is for the other kind, or that was used', async () => {
    const refused = (kind: 'edge' | 'camera', token: string) => server.agent('enrol', enrolment(kind, token));
    await expect(refused('edge', 'made up')).rejects.toThrow('not known here');
    await expect(refused('edge', 'camera-token')).rejects.toThrow('for a camera, not for a edge');
    await expect(refused('edge', 'edge-token')).rejects.toThrow('used already');
  });

  it('is refused with an expired or revoked token', async () => {
    const engineer = server.as('engineer');
    const input = { kind: 'edge', targetId: server.demo.edgeId, autoAccept: false, hours: 1, note: '' } as const;
    const expired = await engineer.fleet.createToken(input);
    await server.deps.prisma.enrolmentToken.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    await expect(server.agent('enrol', enrolment('edge', expired.token))).rejects.toThrow('has expired');
    const revoked = await engineer.fleet.createToken(input);
    await engineer.fleet.revokeToken({ id: revoked.id });
    await expect(server.agent('enrol', enrolment('edge', revoked.token))).rejects.toThrow('was revoked');
  });

  it('gives one credential when two spend a token at once', async () => {
    const { token } = await server.as('engineer').fleet.createToken({
      kind: 'edge',
      targetId: server.demo.edgeId,
      autoAccept: false,
      hours: 1,
      note: '',
    });
    const both = await Promise.allSettled([
      server.agent('enrol', enrolment('edge', token)),
      server.agent('enrol', enrolment('edge', token)),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await server.deps.prisma.agent.deleteMany({ where: { status: 'pending' } });
  });

  it('leaves an agent pending, with no configuration, until it is accepted', async () => {
    const engineer = server.as('engineer');
    const { token } = await engineer.fleet.createToken({
      kind: 'camera',
      targetId: server.demo.cameras[0].cameraId,
      autoAccept: false,
      hours: 1,
      note: '',
    });
    const { agentId, secret } = await server.agent('enrol', enrolment('camera', token));
    const camera = `${agentId}.${secret}`;
    const reported = { revision: null, clock: Date.now(), state: 'offline', error: null } as const;
    const ask = () => server.agent('pullCameraConfig', { knownRevision: null, reported }, camera);
    expect(await ask()).toMatchObject({ status: 'pending', revision: null });
    await expect(
      server.agent(
        'push',
        { items: [{ id: 'a', kind: 'log', payload: { time: 0, level: 'info', message: 'x' } }] },
        camera,
      ),
    ).rejects.toThrow('not accepted yet');
    await engineer.fleet.acceptAgent({ id: agentId });
    const answer = await ask();
    expect(answer.status).toBe('changed');
    expect(answer.config?.cameraId).toBe(server.demo.cameras[0].cameraId);
    const ingestKey = () => cameraKey(server.demo.cameras[0].cameraId);
    const before = await ingestKey();
    await engineer.fleet.revokeAgent({ id: agentId, reason: 'test is over' });
    await expect(ask()).rejects.toThrow('was revoked');
    // The edge lets in whoever has the key, and the agent has it.
    expect(await ingestKey()).not.toBe(before);
  });

  it('gives the camera another key for its edge when a new agent takes the place of another', async () => {
    const [camera] = server.demo.cameras;
    const input = { kind: 'camera', targetId: camera.cameraId, autoAccept: true, hours: 1, note: '' } as const;
    const token = async () => (await server.as('engineer').fleet.createToken(input)).token;
    await server.agent('enrol', enrolment('camera', await token()));
    const before = await cameraKey(camera.cameraId);
    await server.agent('enrol', enrolment('camera', await token()));
    expect(await cameraKey(camera.cameraId)).not.toBe(before);
  });

  it('knows agents by their secret, not by their id', async () => {
    const [agentId] = bearer.split('.');
    await expect(server.agent('pullEdgeConfig', pull(), `${agentId}.wrong`)).rejects.toThrow('not known here');
    await expect(server.agent('pullEdgeConfig', pull(), 'nobody.wrong')).rejects.toThrow('not known here');
    await expect(server.agent('pullEdgeConfig', pull())).rejects.toThrow('not known here');
  });

  it('refuses an address after too many wrong tokens', async () => {
    await server.deps.redis.set('saface:rate:enrol:192.0.2.1', '20');
    await expect(server.agent('enrol', enrolment('edge', 'made up'))).rejects.toThrow('Too many failed attempts');
    await server.deps.redis.del('saface:rate:enrol:192.0.2.1');
  });

  it('sends the same revision for the same content, and another one when something an edge needs has changed', async () => {
    const first = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(first.status).toBe('changed');
    expect(first.config?.identities.map(({ name }) => name).sort()).toEqual(['Ada', 'Ben']);
    expect(first.config?.scenarios[0].champion.id).toBe(await championOf(server));
    const again = await server.agent('pullEdgeConfig', pull({ clock: 0, outboxDepth: 7 }, first.revision), bearer);
    expect(again).toMatchObject({ status: 'unchanged', revision: first.revision });
    await server.seed();
    expect((await server.agent('pullEdgeConfig', pull({}, first.revision), bearer)).status).toBe('unchanged');
    const policy = first.config!.policy;
    await server.as('engineer').scheduling.update({ edgeId: server.demo.edgeId, policy: { ...policy, alpha: 2 } });
    const changed = await server.agent('pullEdgeConfig', pull({}, first.revision), bearer);
    expect(changed.config?.policy.alpha).toBe(2);
    await server.as('engineer').scheduling.update({ edgeId: server.demo.edgeId, policy });
    expect((await server.agent('pullEdgeConfig', pull({}, first.revision), bearer)).revision).toBe(first.revision);
  });

  it('repeats an order until it is acknowledged', async () => {
    const { scenarioId } = server.demo.cameras[0];
    await server.as('operator').training.now({ scenarioId });
    const first = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(first.commands.map(({ command }) => command)).toEqual([{ kind: 'train-now', scenarioId }]);
    const second = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(second.commands).toEqual(first.commands);
    const acknowledged = [first.commands[0].id];
    expect((await server.agent('pullEdgeConfig', { ...pull(), acknowledged }, bearer)).commands).toEqual([]);
  });
});
