import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { candidateOf, championOf, enrolEdge, pull } from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';

describe('promote and roll back', () => {
  let server: TestServer;
  let bearer: string;
  let base: string;
  let candidate: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
    base = await championOf(server);
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    if ((await championOf(server)) !== base) await rollBack();
    const version = await candidateOf(server);
    version.verdict = { ...version.verdict, passed: false };
    await server.agent('push', { items: [{ id: `item-${version.id}`, kind: 'version', payload: version }] }, bearer);
    candidate = version.id;
  });

  const scenarioId = () => server.demo.cameras[0].scenarioId;
  const promote = (versionId: string) =>
    server.as('operator').versions.promote({ versionId, reason: 'looks better to me' });
  const rollBack = () =>
    server.as('operator').versions.rollback({ scenarioId: scenarioId(), versionId: base, reason: 'worse at night' });
  const trace = async () => ({
    champion: await championOf(server),
    deployments: await server.deps.prisma.deployment.count(),
    audit: await server.deps.prisma.auditEntry.count(),
  });

  it('moves the aliases, writes a deployment and an audit entry, and gives the edge another configuration', async () => {
    const before = await server.agent('pullEdgeConfig', pull(), bearer);
    await promote(candidate);
    const after = await server.agent('pullEdgeConfig', pull({}, before.revision), bearer);
    expect(after.config?.scenarios[0]).toMatchObject({ champion: { id: candidate }, previous: { id: base } });
    const { deployments, versions } = await server.as('viewer').versions.list({ scenarioId: scenarioId() });
    expect(deployments[0]).toMatchObject({ kind: 'promote', actor: 'The operator', reason: 'looks better to me' });
    expect(versions.find(({ id }) => id === candidate)?.aliases).toEqual(['champion']);
    const { items } = await server.as('auditor').audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ action: 'version.promote', data: { from: base, to: candidate } });
  });

  it('goes back to the previous version without being told which, and shows when the edge serves it', async () => {
    await promote(candidate);
    await server.as('operator').versions.rollback({ scenarioId: scenarioId(), reason: 'worse at night' });
    expect(await championOf(server)).toBe(base);
    const serving = (versionId: string) => [{ scenarioId: scenarioId(), versionId }];
    await server.agent('pullEdgeConfig', pull({ serving: serving(candidate) }), bearer);
    const served = () => server.as('viewer').versions.served({ scenarioId: scenarioId() });
    expect(await served()).toMatchObject([{ inSync: false, desired: { id: base }, served: { id: candidate } }]);
    await server.agent('pullEdgeConfig', pull({ serving: serving(base) }), bearer);
    expect(await served()).toMatchObject([{ inSync: true }]);
  });

  it('changes nothing when one part of it fails', async () => {
    const { prisma } = server.deps;
    const before = await trace();
    await prisma.$executeRaw`ALTER TABLE "AuditEntry" ADD CONSTRAINT "refuse" CHECK ("action" <> 'version.promote') NOT VALID`;
    await expect(promote(candidate)).rejects.toThrow('Something failed inside');
    await prisma.$executeRaw`ALTER TABLE "AuditEntry" DROP CONSTRAINT "refuse"`;
    expect(await trace()).toEqual(before);
  });

  it('lets one of two promotions of the same version at once through', async () => {
    const before = await trace();
    const both = await Promise.allSettled([promote(candidate), promote(candidate)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const after = await trace();
    expect(after.deployments).toBe(before.deployments + 1);
    expect(after.audit).toBe(before.audit + 1);
  });

  it('asks for a reason', async () => {
    await expect(server.as('operator').versions.promote({ versionId: candidate, reason: ' ' })).rejects.toThrow(
      'say why',
    );
  });

  it('compares two versions of one gate on the same tracks', async () => {
    const forward = await server.as('viewer').versions.compare({ a: base, b: candidate });
    expect(forward.labelFree).toMatchObject({ a: { accuracy: 0.9 }, b: { accuracy: 0.92 }, gain: { mean: 0.02 } });
    const backward = await server.as('viewer').versions.compare({ a: candidate, b: base });
    expect(backward.labelFree).toMatchObject({ a: { accuracy: 0.92 }, b: { accuracy: 0.9 }, gain: { low: -0.03 } });
  });

  it('chains the audit entries so that a changed one is found', async () => {
    const auditor = server.as('auditor');
    expect(await auditor.audit.verify()).toMatchObject({ intact: true, brokenAt: null });
    const { prisma } = server.deps;
    await prisma.$executeRaw`ALTER TABLE "AuditEntry" DISABLE TRIGGER "AuditEntry_append_only"`;
    await prisma.$executeRaw`UPDATE "AuditEntry" SET "data" = '{"forged": true}' WHERE "sequence" = 2`;
    expect(await auditor.audit.verify()).toMatchObject({ intact: false, brokenAt: 2 });
    await prisma.$executeRaw`DELETE FROM "AuditEntry" WHERE "sequence" = 2`;
    expect(await auditor.audit.verify()).toMatchObject({ intact: false, brokenAt: 2 });
  });
});
