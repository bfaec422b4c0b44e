import { learningPolicySchema, type NewVersion, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { systemActor } from '../services/actor.ts';
import { recordAudit } from '../services/audit-log.ts';
import { moveChampion, setAlias } from '../services/deployments.ts';
import { forgetHeldBack } from '../services/held-back.ts';
import { startShadow } from '../services/live-comparisons.ts';
import { retire } from '../services/retirement.ts';
import { storedThreshold } from '../services/served-threshold.ts';
import type { ItemContext } from './push.ts';
import { requireScenario } from './push-scope.ts';

/**
 * Takes in a trained candidate. When it passed the gate and the version it was measured against is still the champion, it
 * runs in the champion's shadow; where the scenario wants no shadow it goes live by itself. After a rollback a late
 * candidate waits for a person.
 */
export async function storeVersion(context: ItemContext, version: NewVersion): Promise<void> {
  const { tx, scope, release } = context;
  const { scenarioId, learner, verdict, provenance, parentVersionId } = version;
  requireScenario(scope, scenarioId);
  const taught = [...new Set(provenance.identityIds)];
  await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
  if (await tx.modelVersion.findUnique({ where: { id: version.id } })) return;
  const scenario = await tx.scenario.findUniqueOrThrow({
    where: { id: scenarioId },
    include: { aliases: true, baseModel: { select: { recogniser: true } } },
  });
  if (scenario.baseModelId !== version.baseModelId)
    throw new SafaceError('conflict', 'The version is of another base model', 'Train again on the present base model.');
  const parent = await tx.modelVersion.findFirst({ where: { id: parentVersionId, scenarioId } });
  if (!parent)
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
      distanceScale: parent.distanceScale * scaleOf(version, storedThreshold(parent, scenario).threshold),
      verdict,
      provenance,
      runId: version.runId,
      createdAt: new Date(version.createdAt),
      identities: { create: taught.map((identityId) => ({ identityId })) },
    },
  });
  // Of somebody who was erased while the run went on, the pictures that came ahead of the version must not stay.
  const erased = taught.filter((id) => !context.people.has(id));
  if (erased.length > 0) release.push(...(await deleteTriplets(tx, { runId: version.runId })).files);
  await recordAudit(tx, systemActor, {
    action: 'version.create',
    subjectKind: 'version',
    subjectId: version.id,
    data: { scenarioId, parentVersionId, runId: version.runId, passed: verdict.passed, reason: verdict.reason },
  });
  if (!(await retireErased(tx, { version, erased }))) await offer(tx, { version, scenario });
  // Whatever became of it, it may have taken the alias of one before; nothing but this adds versions.
  release.push(...(await forgetHeldBack(tx, scenarioId)));
}

/** Makes it the candidate, and from there what its verdict and the scenario's policy say. */
async function offer(
  tx: Prisma.TransactionClient,
  { version, scenario }: { version: NewVersion; scenario: Prisma.ScenarioGetPayload<{ include: { aliases: true } }> },
): Promise<void> {
  const { scenarioId, verdict, parentVersionId } = version;
  await setAlias(tx, { scenarioId, name: 'candidate', versionId: version.id });
  const champion = scenario.aliases.find(({ name }) => name === 'champion');
  const { autoPromote, shadowTracks } = learningPolicySchema.parse(scenario.learning);
  if (!verdict.passed || champion?.versionId !== parentVersionId) return;
  if (shadowTracks > 0) await startShadow(tx, { scenarioId, versionId: version.id });
  else if (autoPromote)
    await moveChampion(tx, systemActor, { scenarioId, versionId: version.id, kind: 'auto', reason: verdict.reason });
}

/** Agents of before do not say the scale; their threshold was placed from the one that the parent decided with. */
const scaleOf = ({ distanceScale, threshold }: NewVersion, parentThreshold: number): number =>
  distanceScale ?? (threshold === null ? 1 : threshold / parentThreshold);

/**
 * Whether a version came too late: the run went on while somebody it learnt from was erased, or its parent was retired for that. Nobody
 * could decide about it then, so it never serves; the receipts name it from now on.
 */
async function retireErased(
  tx: Prisma.TransactionClient,
  { version, erased }: { version: NewVersion; erased: readonly string[] },
): Promise<boolean> {
  const receipts = await tx.erasureReceipt.findMany({
    where: { OR: [{ identityId: { in: [...erased] } }, { retiredVersionIds: { has: version.parentVersionId } }] },
    select: { id: true },
  });
  if (receipts.length === 0) return false;
  await retire(tx, systemActor, { versionId: version.id, reason: 'Somebody it learnt from was erased meanwhile' });
  await tx.erasureReceipt.updateMany({
    where: { id: { in: receipts.map(({ id }) => id) } },
    data: { versionIds: { push: version.id }, retiredVersionIds: { push: version.id } },
  });
  return true;
}
