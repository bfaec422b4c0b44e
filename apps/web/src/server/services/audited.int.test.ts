import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../services/actor.ts';
import { candidateOf, championOf, enrolEdge, enrolPerson, pushAll } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { holding, somebodyWaits } from '../testing/transactions.ts';
import { auditSavepoint, recordAudit } from './audit-log.ts';
import { audited, recorded } from './audited.ts';

describe('what is recorded with what is done', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  const record = (subjectId: string) => ({ action: 'test', subjectKind: 'test', subjectId, data: {} });
  const recordedOf = async (subjectId: string) =>
    (await server.as('auditor').audit.list({ limit: 50, subjectId })).items.map(({ action }) => action);
  const anotherScenario = async () => {
    const [{ scenarioId }] = server.demo.cameras;
    const { siteId, baseModelId, decision, learning } = await server.deps.prisma.scenario.findUniqueOrThrow({
      where: { id: scenarioId },
    });
    const name = randomUUID();
    const data = { siteId, baseModelId, name, decision: decision!, learning: learning! };
    return (await server.deps.prisma.scenario.create({ data })).id;
  };

  it('keeps nobody waiting while a batch is taken in, and the batch waits for nobody who waits for the log', async () => {
    const { prisma } = server.deps;
    const other = await anotherScenario();
    // As a change of the scenario does: first the row, then the log.
    const changing = await holding(
      prisma,
      (tx) => tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${other} FOR UPDATE`,
      (tx) => recordAudit(tx, systemActor, record(other)),
    );
    const version = await candidateOf(server);
    const agreement = { tracks: 20, same: 20, otherName: 0, gained: 0, lost: 0, share: 1 };
    const report = {
      ...{ scenarioId: other, versionId: 'v', championVersionId: 'c', time: Date.now(), decision: 'wait' as const },
      ...{ reason: 'too few', agreement, champion: null, candidate: null, gain: null },
    };
    const pushing = pushAll(server, bearer, [
      { kind: 'version', payload: version },
      { kind: 'shadow-report', payload: report },
    ]);
    await somebodyWaits(prisma);
    // The version is in and its entry is to come; a person's click needs the log meanwhile.
    const { id: galleryId } = await server.as('operator').galleries.create({ name: 'Meanwhile', description: '' });
    await changing.commit();
    expect(await pushing).toEqual(['stored', 'stored']);
    expect(await championOf(server)).toBe(version.id);
    for (const id of [galleryId, other, version.id]) expect(await recordedOf(id)).toHaveLength(1);
    expect(await server.as('auditor').audit.verify()).toMatchObject({ intact: true });
  });

  it('is begun again where the database ended it, and recorded once', async () => {
    const { prisma } = server.deps;
    const id = await enrolPerson(server, 'Jo');
    const other = await holding(
      prisma,
      (tx) => tx.$executeRaw`SELECT 1 FROM "Scenario" FOR UPDATE`,
      (tx) => tx.$executeRaw`SELECT 1 FROM "Identity" WHERE "id" = ${id} FOR UPDATE`,
    );
    const attempts: number[] = [];
    const doing = audited(server.ctx('operator'), async (tx) => {
      attempts.push(attempts.length);
      await tx.$executeRaw`SELECT 1 FROM "Identity" WHERE "id" = ${id} FOR UPDATE`;
      await tx.$executeRaw`SELECT 1 FROM "Scenario" FOR UPDATE`;
      return { value: 'done', record: record('again') };
    });
    await somebodyWaits(prisma);
    // Whoever waited first is ended first, so this is ours.
    await other.commit();
    expect(await doing).toBe('done');
    expect(attempts).toEqual([0, 1]);
    expect(await recordedOf('again')).toEqual(['test']);
  });

  it('goes with what is undone, and stays in order', async () => {
    await recorded(server.deps, async (tx) => {
      await recordAudit(tx, systemActor, { ...record('order'), action: 'first' });
      const drop = auditSavepoint(tx);
      await recordAudit(tx, systemActor, { ...record('order'), action: 'undone' });
      drop();
      await recordAudit(tx, systemActor, { ...record('order'), action: 'second' });
    });
    expect(await recordedOf('order')).toEqual(['second', 'first']);
  });
});
