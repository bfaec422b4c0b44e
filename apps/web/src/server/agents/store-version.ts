import { learningPolicySchema, type NewVersion, SafaceError } from '@saface/core';
import { systemActor } from '../services/actor.ts';
import { recordAudit } from '../services/audit-log.ts';
import { moveChampion, setAlias } from '../services/deployments.ts';
import { startShadow } from '../services/live-comparisons.ts';
import type { ItemContext } from './push.ts';
import { requireScenario } from './push-scope.ts';

/**
 * Takes in a trained candidate. When it passed the gate and the version it was measured against is still the champion, it
 * runs in the champion's shadow; where the scenario wants no shadow it goes live by itself. After a rollback a late
 * candidate waits for a person.
 */
export async function storeVersion({ tx, scope }: ItemContext, version: NewVersion): Promise<void> {
  const { scenarioId, learner, verdict, provenance, parentVersionId } = version;
  requireScenario(scope, scenarioId);
  await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
  if (await tx.modelVersion.findUnique({ where: { id: version.id } })) return;
  const scenario = await tx.scenario.findUniqueOrThrow({ where: { id: scenarioId }, include: { aliases: true } });
  if (scenario.baseModelId !== version.baseModelId)
    throw new SafaceError('conflict', 'The version is of another base model', 'Train again on the present base model.');
  if (!(await tx.modelVersion.findFirst({ where: { id: parentVersionId, scenarioId } })))
    throw new SafaceError('not-found', `There is no version ${parentVersionId} to descend from`, 'Train again.');
  const artifact = await tx.artifact.findUnique({ where: { sha256: learner.sha256 } });
  if (!artifact || artifact.bytes !== learner.bytes)
    throw new SafaceError(
      'integrity',
      `The learner ${learner.sha256.slice(0, 12)} was not uploaded`,
      'Upload it first.',
    );
  const last = await tx.modelVersion.aggregate({ where: { scenarioId }, _max: { number: true } });
  await tx.modelVersion.create({
    data: {
      id: version.id,
      scenarioId,
      baseModelId: version.baseModelId,
      parentId: parentVersionId,
      number: (last._max.number ?? 0) + 1,
      cut: version.cut,
      learnerSha256: learner.sha256,
      threshold: version.threshold,
      verdict,
      provenance,
      runId: version.runId,
      createdAt: new Date(version.createdAt),
      identities: { create: [...new Set(provenance.identityIds)].map((identityId) => ({ identityId })) },
    },
  });
  await setAlias(tx, { scenarioId, name: 'candidate', versionId: version.id });
  await recordAudit(tx, systemActor, {
    action: 'version.create',
    subjectKind: 'version',
    subjectId: version.id,
    data: { scenarioId, parentVersionId, runId: version.runId, passed: verdict.passed, reason: verdict.reason },
  });
  const champion = scenario.aliases.find(({ name }) => name === 'champion');
  const { autoPromote, shadowTracks } = learningPolicySchema.parse(scenario.learning);
  if (!verdict.passed || champion?.versionId !== parentVersionId) return;
  if (shadowTracks > 0) await startShadow(tx, { scenarioId, versionId: version.id });
  else if (autoPromote)
    await moveChampion(tx, systemActor, { scenarioId, versionId: version.id, kind: 'auto', reason: verdict.reason });
}
