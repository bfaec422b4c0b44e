import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, eventOf, pull, pushAll, runOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

const jpeg = (text: string) => Buffer.from(text).toString('base64');

describe('deleting a scenario', () => {
  let server: TestServer;
  let bearer: string;
  let id: string;
  let cameraId: string;
  beforeEach(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    [{ scenarioId: id, cameraId }] = server.demo.cameras;
  });
  afterEach(() => server?.close());

  const engineer = () => server.as('engineer');
  const artifacts = async () => (await server.deps.prisma.artifact.findMany()).map(({ sha256 }) => sha256).sort();

  /** One version, one run with examples, one event with its picture. */
  async function learnAndSee() {
    const version = await candidateOf(server);
    const run = runOf(server, { id: version.runId, parentVersionId: version.parentVersionId });
    const triplet = { anchor: jpeg('a'), positive: jpeg('p'), negative: jpeg('n') };
    const triplets = [{ ...triplet, positiveDistance: 0.4, negativeDistance: 0.9 }];
    const stored = await pushAll(server, bearer, [
      { kind: 'version', payload: version },
      { kind: 'training-run', payload: run },
      { kind: 'triplet-pictures', payload: { runId: run.id, triplets } },
      { kind: 'event', payload: eventOf(server, { versionId: version.id, cropJpeg: jpeg('face') }) },
    ]);
    expect(stored).toEqual(stored.map(() => 'stored'));
    return version;
  }

  /** A second scenario of the site, on the same base model. */
  async function another(name: string) {
    const { site, baseModel, decision, learning } = await engineer().scenarios.get({ id });
    const scenario = { siteId: site.id, name, baseModelId: baseModel.id, galleryIds: [], decision, learning };
    return (await engineer().scenarios.create(scenario)).id;
  }

  async function moveCamera(scenarioId: string) {
    const { edge, source, name, sampleRate, unpaced, minFaceSize, detectorThreshold } = await engineer().cameras.get({
      id: cameraId,
    });
    const settings = { source, name, sampleRate, unpaced, minFaceSize, detectorThreshold };
    await engineer().cameras.update({ id: cameraId, scenarioId, edgeServerId: edge?.id ?? null, ...settings });
  }

  it('waits for its cameras, and names them', async () => {
    await expect(engineer().scenarios.delete({ id })).rejects.toThrow('1 camera still belongs to corridor: Corridor');
    expect((await engineer().scenarios.get({ id })).name).toBe('corridor');
  });

  it('takes with it what it learnt and saw, and the files of that', async () => {
    const before = await artifacts();
    const version = await learnAndSee();
    expect(await server.as('viewer').scenarios.contents({ id })).toEqual({ learnt: 1, runs: 1, events: 1 });
    const learner = server.deps.artifacts.pathOf(version.learner.sha256);
    expect(existsSync(learner)).toBe(true);
    await engineer().training.now({ scenarioId: id });
    await engineer().cameras.delete({ id: cameraId });
    await engineer().scenarios.delete({ id });

    expect(existsSync(learner)).toBe(false);
    expect(await artifacts()).toEqual(before);
    const { prisma } = server.deps;
    const { modelVersion, trainingRun, event, deployment, alias, camera, command } = prisma;
    const left = [modelVersion.count(), trainingRun.count(), event.count(), deployment.count(), alias.count()];
    expect(await Promise.all([...left, camera.count(), command.count()])).toEqual([0, 0, 0, 0, 0, 0, 0]);
    await expect(server.as('viewer').scenarios.get({ id })).rejects.toThrow('no such scenario');
    await expect(engineer().scenarios.delete({ id })).rejects.toThrow('no such scenario');
  });

  it('is in the audit log, with what was in there before it', async () => {
    const version = await learnAndSee();
    await engineer().cameras.delete({ id: cameraId });
    const { audit } = server.as('auditor');
    const { items: before } = await audit.list({ limit: 100 });
    await engineer().scenarios.delete({ id });
    const { items } = await audit.list({ limit: 100 });
    expect(items.slice(1)).toEqual(before);
    expect(items[0]).toMatchObject({
      action: 'scenario.delete',
      actor: 'The engineer',
      subjectId: id,
      data: { name: 'corridor', site: 'Harbour House', learnt: 1, runs: 1, events: 1 },
    });
    expect(items.map(({ subjectId }) => subjectId)).toContain(version.id);
    expect((await audit.verify()).intact).toBe(true);
  });

  it('leaves the edge with the scenario that its camera went to, and refuses what still comes for the one before', async () => {
    const versionId = await championOf(server);
    const heir = await another('hall');
    await moveCamera(heir);
    await engineer().scenarios.delete({ id });
    const { config } = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(config?.scenarios.map((scenario) => scenario.id)).toEqual([heir]);
    expect(config?.cameras.map((camera) => camera.scenarioId)).toEqual([heir]);
    const late = [
      { kind: 'event' as const, payload: eventOf(server, { versionId }) },
      { kind: 'training-run' as const, payload: runOf(server) },
      { kind: 'log' as const, payload: { time: Date.now(), level: 'info' as const, message: 'still here' } },
    ];
    expect(await pushAll(server, bearer, late)).toEqual(['rejected', 'rejected', 'stored']);
  });

  it('keeps a deleted camera that events of another scenario name', async () => {
    const heir = await another('hall');
    await pushAll(server, bearer, [
      { kind: 'event', payload: eventOf(server, { versionId: await championOf(server) }) },
    ]);
    await moveCamera(heir);
    await engineer().cameras.delete({ id: cameraId });
    // Its events are the first scenario's, its row the second's.
    await engineer().scenarios.delete({ id: heir });
    expect(await server.deps.prisma.camera.findUnique({ where: { id: cameraId } })).toMatchObject({ scenarioId: id });
    const { items } = await server.as('viewer').events.list({ limit: 10 });
    expect(items.map(({ camera }) => camera.name)).toEqual(['Corridor']);
    await engineer().scenarios.delete({ id });
    expect(await server.deps.prisma.camera.count()).toBe(0);
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s', async (role) => {
    await expect(server.as(role).scenarios.delete({ id })).rejects.toThrow(`The role ${role} may not do this`);
  });
});
