import { learningPolicySchema, type NewVersion, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { systemActor } from '../services/actor.ts';
import { recordAudit } from '../services/audit-log.ts';
import { moveChampion, setAlias } from '../services/deployments.ts';
import { startShadow } from '../services/live-comparisons.ts';
import { retire } from '../services/retirement.ts';
import { storedThreshold } from '../services/served-threshold.ts';
import type { ItemContext } from './push.ts';
import { requireScenario } from './push-scope.ts';

/** Held-back versions that are kept to look at, per scenario: each is a learner on disk, and months of nights make many. */
const MOST_HELD_BACK = 10;

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
  if (await retireErased(tx, { version, erased })) return;
  await setAlias(tx, { scenarioId, name: 'candidate', versionId: version.id });
  const champion = scenario.aliases.find(({ name }) => name === 'champion');
  const { autoPromote, shadowTracks } = learningPolicySchema.parse(scenario.learning);
  if (!verdict.passed) return forgetHeldBack(context, scenarioId);
  if (champion?.versionId !== parentVersionId) return;
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

/**
 * Deletes all but the newest held-back versions that never served and nothing descends from, with the pictures of their runs,
 * which nothing would say any more whom they show; the runs keep the verdict.
 */
async function forgetHeldBack({ tx, release }: ItemContext, scenarioId: string): Promise<void> {
  const served = await tx.deployment.findMany({ where: { scenarioId }, select: { toVersionId: true } });
  const surplus = await tx.modelVersion.findMany({
    where: {
      scenarioId,
      id: { notIn: served.map(({ toVersionId }) => toVersionId) },
      verdict: { path: ['passed'], equals: false },
      aliases: { none: {} },
      children: { none: {} },
    },
    orderBy: { number: 'desc' },
    // The newest is the candidate, and so not among these.
    skip: MOST_HELD_BACK - 1,
    select: { id: true, runId: true },
  });
  const runIds = surplus.flatMap(({ runId }) => runId ?? []);
  release.push(...(await deleteTriplets(tx, { runId: { in: runIds } })).files);
  await tx.modelVersion.deleteMany({ where: { id: { in: surplus.map(({ id }) => id) } } });
}
