import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { DecisionPolicy, LearningPolicy, NewVersion, OutboxItem, ShadowReport, WatchReport } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, pull, runOf } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('versions on live tracks', () => {
  let server: TestServer;
  let bearer: string;
  let scenarioId: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    scenarioId = server.demo.cameras[0].scenarioId;
    await change({ decision: { falseAlarmsPerWeek: 1 }, learning: { shadowTracks: 20 } });
  });
  afterAll(() => server?.close());

  const change = async (policies: { decision?: Partial<DecisionPolicy>; learning?: Partial<LearningPolicy> }) => {
    const viewed = await server.as('viewer').scenarios.get({ id: scenarioId });
    const { galleries, decision, learning, baseModel } = viewed;
    await server.as('engineer').scenarios.update({
      id: scenarioId,
      baseModelId: baseModel.id,
      galleryIds: galleries.map(({ id }) => id),
      decision: { ...decision, ...policies.decision },
      learning: { ...learning, ...policies.learning },
    });
  };
  const send = async (item: OutboxItem) => (await server.agent('push', { items: [item] }, bearer)).results[0].status;
  const aliasesOf = async () => (await server.as('viewer').scenarios.get({ id: scenarioId })).aliases;
  const scenarioOfEdge = async () => (await server.agent('pullEdgeConfig', pull(), bearer)).config!.scenarios[0];
  const addCandidate = async (changes: Partial<NewVersion> = {}) => {
    const version = await candidateOf(server, changes);
    await send({ id: `version-${version.id}`, kind: 'version', payload: version });
    return version.id;
  };
  const shadowReport = (report: Pick<ShadowReport, 'versionId' | 'championVersionId' | 'decision'>): OutboxItem => ({
    id: randomUUID(),
    kind: 'shadow-report',
    payload: {
      scenarioId,
      time: Date.now(),
      reason: `${report.decision}: 20 of 20 tracks`,
      agreement: { tracks: 20, same: 19, otherName: 0, gained: 1, lost: 0, share: 0.95 },
      champion: null,
      candidate: null,
      gain: null,
      ...report,
    },
  });
  const watchReport = (report: Pick<WatchReport, 'versionId' | 'parentVersionId' | 'decision'>): OutboxItem => ({
    id: randomUUID(),
    kind: 'watch-report',
    payload: {
      scenarioId,
      time: Date.now(),
      reason: `${report.decision}: 2 points worse`,
      tracks: 40,
      parent: null,
      champion: null,
      gain: null,
      ...report,
    },
  });

  it('runs a candidate in shadow first, and promotes it once the edge has confirmed it', async () => {
    const base = await championOf(server);
    const first = await addCandidate();
    expect(await championOf(server)).toBe(base);
    expect(await scenarioOfEdge()).toMatchObject({ champion: { id: base }, shadow: { id: first }, parent: null });
    // A second one waits its turn.
    const second = await addCandidate();
    expect((await aliasesOf()).shadow?.id).toBe(first);

    await send(shadowReport({ versionId: first, championVersionId: base, decision: 'wait' }));
    const live = await server.as('viewer').versions.live({ scenarioId });
    expect(live).toMatchObject({ wanted: 20, shadow: { decision: 'wait', agreement: { same: 19 } }, watch: null });

    await send(shadowReport({ versionId: first, championVersionId: base, decision: 'reject' }));
    expect(await championOf(server)).toBe(base);
    expect((await aliasesOf()).shadow?.id).toBe(second);

    await send(shadowReport({ versionId: second, championVersionId: base, decision: 'promote' }));
    expect(await championOf(server)).toBe(second);
    expect(await scenarioOfEdge()).toMatchObject({ champion: { id: second }, shadow: null, parent: { id: base } });
    const { deployments } = await server.as('viewer').versions.list({ scenarioId });
    expect(deployments[0]).toMatchObject({ kind: 'auto', reason: 'promote: 20 of 20 tracks', actor: 'system' });
    // A report of a pair that is no longer: nothing happens.
    await send(shadowReport({ versionId: first, championVersionId: base, decision: 'promote' }));
    expect(await championOf(server)).toBe(second);
  });

  it('goes back to the parent when the edge finds the champion worse, says so, and leaves the last word to a person', async () => {
    const bad = await championOf(server);
    const base = (await scenarioOfEdge()).parent!.id;
    await send(watchReport({ versionId: bad, parentVersionId: base, decision: 'watch' }));
    expect(await championOf(server)).toBe(bad);
    await send(watchReport({ versionId: bad, parentVersionId: base, decision: 'roll-back' }));
    expect(await championOf(server)).toBe(base);

    const { deployments } = await server.as('viewer').versions.list({ scenarioId });
    expect(deployments[0]).toMatchObject({ kind: 'watch', reason: 'roll-back: 2 points worse', actor: 'system' });
    const { sites } = await server.as('viewer').overview.get();
    expect(sites[0].alerts).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('went back from'), href: `/scenarios/${scenarioId}` }),
    );
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ action: 'version.rollback', data: { automatic: true, to: base } });

    await server.as('operator').versions.promote({ versionId: bad, reason: 'it was the light' });
    expect((await scenarioOfEdge()).parent).toBeNull();
    await send(watchReport({ versionId: bad, parentVersionId: base, decision: 'roll-back' }));
    expect(await championOf(server)).toBe(bad);
  });

  it('lets a shadow go with the champion that it was trained from, so that it cannot overrule a person', async () => {
    const before = await championOf(server);
    const shadow = await addCandidate();
    expect((await aliasesOf()).shadow?.id).toBe(shadow);
    await server.as('operator').versions.rollback({ scenarioId, reason: 'worse at night' });
    const now = await championOf(server);
    expect((await aliasesOf()).shadow).toBeNull();
    await send(shadowReport({ versionId: shadow, championVersionId: now, decision: 'promote' }));
    expect(await championOf(server)).toBe(now);
    await server.as('operator').versions.promote({ versionId: before, reason: 'better by day' });
  });

  it('serves with the threshold of the budget while that is the budget, and with an operator’s own above all', async () => {
    const champion = await championOf(server);
    const before = (await scenarioOfEdge()).champion.threshold;
    const payload = {
      scenarioId,
      versionId: champion,
      time: Date.now(),
      alarmsPerWeek: 1,
      threshold: 0.31,
      certainty: 'extrapolated' as const,
      alarmsAtMost: 0.9,
      explanation: 'from 400 pairs',
    };
    await send({ id: randomUUID(), kind: 'threshold-report', payload });
    expect((await scenarioOfEdge()).champion.threshold).toBe(0.31);
    const shown = async () => {
      const { versions } = await server.as('viewer').versions.list({ scenarioId });
      return versions.find(({ id }) => id === champion)?.effective;
    };
    expect(await shown()).toEqual({ threshold: 0.31, from: 'budget' });
    await send({ id: randomUUID(), kind: 'threshold-report', payload: { ...payload, alarmsPerWeek: 5 } });
    expect((await scenarioOfEdge()).champion.threshold).toBe(before);
    expect(await shown()).toEqual({ threshold: before, from: 'version' });
    await change({ decision: { falseAlarmsPerWeek: null } });
    await send({ id: randomUUID(), kind: 'threshold-report', payload: { ...payload, alarmsPerWeek: null } });
    expect(await shown()).toEqual({ threshold: 0.31, from: 'strangers' });
    await change({ decision: { falseAlarmsPerWeek: 1 } });
    expect(await shown()).toEqual({ threshold: 0.31, from: 'strangers' });
  });

  it('serves an operator’s own threshold on the scale of each version’s distances, above the budget’s', async () => {
    const operator = server.as('operator');
    const first = await championOf(server);
    await change({ decision: { threshold: 0.4 } });
    for (const distanceScale of [1.5, 2])
      await operator.versions.promote({ versionId: await addCandidate({ distanceScale }), reason: 'a good one' });
    const { champion, previous } = await scenarioOfEdge();
    expect(champion.threshold).toBeCloseTo(1.2);
    expect(previous!.threshold).toBeCloseTo(0.6);
    const scenario = await operator.scenarios.get({ id: scenarioId });
    expect(scenario).toMatchObject({ decision: { threshold: 0.4 }, distanceScale: 3 });
    const { versions } = await operator.versions.list({ scenarioId });
    expect(versions.find(({ id }) => id === champion.id)?.effective).toEqual({
      threshold: champion.threshold,
      from: 'operator',
    });
    await operator.versions.promote({ versionId: first, reason: 'enough' });
    expect((await scenarioOfEdge()).champion.threshold).toBe(0.4);
    await change({ decision: { threshold: null } });
  });

  it('retires a version: it can never go live again, and the newest living ancestor takes over', async () => {
    const parent = await championOf(server);
    const child = await addCandidate();
    await server.as('operator').versions.promote({ versionId: child, reason: 'a good one' });
    const operator = server.as('operator');
    await operator.versions.retire({ versionId: parent, reason: 'trained on the wrong camera' });
    expect(await championOf(server)).toBe(child);
    expect((await aliasesOf()).previous).toBeNull();
    await operator.versions.retire({ versionId: child, reason: 'so was this' });
    const { versions, deployments } = await operator.versions.list({ scenarioId });
    const base = versions.find(({ number }) => number === 0)!;
    expect(await championOf(server)).toBe(base.id);
    expect(deployments[0]).toMatchObject({ kind: 'retire', to: { label: 'base' } });
    expect(versions.find(({ id }) => id === child)).toMatchObject({ retired: { reason: 'so was this' }, aliases: [] });
    await expect(operator.versions.promote({ versionId: child, reason: 'please' })).rejects.toThrow('is retired');
    await expect(operator.versions.retire({ versionId: base.id, reason: 'no more' })).rejects.toThrow('base model');
  });

  it('forgets those that passed and lost in the shadow, or came late, but for the newest; the run tells what their gate said', async () => {
    const { artifacts, prisma } = server.deps;
    const champion = await championOf(server);
    await prisma.alias.deleteMany({ where: { scenarioId, name: 'shadow' } });
    const passed = async (parentVersionId: string) => {
      const run = runOf(server, { parentVersionId, status: 'done' });
      const version = await candidateOf(server, { parentVersionId, runId: run.id });
      const { verdict } = version;
      await send({
        id: randomUUID(),
        kind: 'training-run',
        payload: { ...run, candidateVersionId: version.id, verdict },
      });
      await send({ id: randomUUID(), kind: 'version', payload: version });
      return version;
    };
    const lost = await passed(champion);
    expect((await aliasesOf()).shadow?.id).toBe(lost.id);
    await send(shadowReport({ versionId: lost.id, championVersionId: champion, decision: 'reject' }));
    expect((await aliasesOf()).shadow).toBeNull();
    // Trained from one that is the champion no more.
    const former = (await server.as('viewer').versions.list({ scenarioId })).versions.find(
      ({ id }) => id !== champion,
    )!;
    const late: string[] = [];
    for (let i = 0; i < 10; i++) late.push((await passed(former.id)).id);

    const left = (await server.as('viewer').versions.list({ scenarioId })).versions.map(({ id }) => id);
    expect(left).toEqual(expect.arrayContaining([...late, champion, former.id]));
    expect(left).not.toContain(lost.id);
    expect(existsSync(artifacts.pathOf(lost.learner.sha256))).toBe(false);
    const { verdict, candidate } = await server.as('viewer').training.get({ id: lost.runId });
    expect([verdict?.passed, candidate]).toEqual([true, null]);
    const { items } = await server.as('auditor').audit.list({ limit: 5, subjectId: lost.id });
    expect(items).toMatchObject([{ action: 'version.create', data: { passed: true } }]);
  });
});
