import {
  learningPolicySchema,
  type ShadowReport,
  shadowReportSchema,
  type WatchReport,
  watchReportSchema,
} from '@saface/core';
import type { Db, Prisma } from '@saface/db';
import { verdictOf } from '@saface/db/repositories/versions';
import type { ComparisonsView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound, systemActor } from './actor.ts';
import { recordAudit } from './audit-log.ts';
import { moveChampion, setAlias } from './deployments.ts';

type Tx = Prisma.TransactionClient;

/** What the edge last said of the shadow and of the champion under watch; each null when there is none. */
export async function getLiveComparisons(
  { prisma }: ServiceContext,
  { scenarioId }: { scenarioId: string },
): Promise<ComparisonsView> {
  const scenario = await prisma.scenario.findUnique({
    where: { id: scenarioId },
    include: { aliases: { include: { version: { include: { comparisons: true } } } } },
  });
  if (!scenario) throw notFound('scenario');
  const row = (alias: 'shadow' | 'champion', kind: 'shadow' | 'watch') =>
    scenario.aliases
      .find(({ name }) => name === alias)
      ?.version.comparisons.find((comparison) => comparison.kind === kind);
  const shadow = shadowReportSchema.safeParse(row('shadow', 'shadow')?.report);
  const watch = watchReportSchema.safeParse(row('champion', 'watch')?.report);
  return {
    wanted: learningPolicySchema.parse(scenario.learning).shadowTracks,
    shadow: shadow.data ?? null,
    watch: watch.data ?? null,
  };
}

/**
 * A candidate that passed its gate runs in the champion's shadow before it may go live. One that runs already is not
 * disturbed; the next one follows when it has been decided on.
 */
export async function startShadow(tx: Tx, { scenarioId, versionId }: { scenarioId: string; versionId: string }) {
  if (await tx.alias.findUnique({ where: { scenarioId_name: { scenarioId, name: 'shadow' } } })) return;
  await setAlias(tx, { scenarioId, name: 'shadow', versionId });
  const data = { versionId };
  await recordAudit(tx, systemActor, {
    action: 'version.shadow',
    subjectKind: 'scenario',
    subjectId: scenarioId,
    data,
  });
}

/** Takes in how the shadow does; promotes it once it has held and the scenario promotes by itself, drops it when it has not. */
export async function takeShadowReport(tx: Tx, report: ShadowReport): Promise<void> {
  const { scenarioId, versionId, championVersionId, decision, reason, agreement } = report;
  const aliases = await lockedAliases(tx, scenarioId);
  // Of versions that have moved on in the meantime.
  if (aliases.get('shadow') !== versionId || aliases.get('champion') !== championVersionId) return;
  await save(tx, 'shadow', { ...report, againstVersionId: championVersionId, tracks: agreement.tracks });
  if (decision === 'wait') return;
  const scenario = await tx.scenario.findUniqueOrThrow({ where: { id: scenarioId } });
  if (decision === 'promote') {
    if (learningPolicySchema.parse(scenario.learning).autoPromote)
      await moveChampion(tx, systemActor, { scenarioId, versionId, kind: 'auto', reason });
    return;
  }
  await tx.alias.delete({ where: { scenarioId_name: { scenarioId, name: 'shadow' } } });
  const data = { versionId, reason };
  await recordAudit(tx, systemActor, {
    action: 'version.shadow-reject',
    subjectKind: 'scenario',
    subjectId: scenarioId,
    data,
  });
  const next = aliases.get('candidate');
  if (next && next !== versionId && (await mayRun(tx, next, championVersionId)))
    await startShadow(tx, { scenarioId, versionId: next });
}

const mayRun = async (tx: Tx, id: string, championId: string): Promise<boolean> => {
  const version = await tx.modelVersion.findUniqueOrThrow({ where: { id } });
  return version.parentId === championId && version.retiredAt === null && verdictOf(version)?.passed === true;
};

/** Takes in how the champion does since its promotion; goes back to its parent when the edge finds that better. */
export async function takeWatchReport(tx: Tx, report: WatchReport): Promise<void> {
  const { scenarioId, versionId, parentVersionId, decision, reason, tracks } = report;
  const aliases = await lockedAliases(tx, scenarioId);
  const version = await tx.modelVersion.findUnique({ where: { id: versionId }, include: { comparisons: true } });
  if (aliases.get('champion') !== versionId || version?.parentId !== parentVersionId || watched(version)) return;
  await save(tx, 'watch', { ...report, againstVersionId: parentVersionId, tracks });
  if (decision === 'roll-back')
    await moveChampion(tx, systemActor, { scenarioId, versionId: parentVersionId, kind: 'watch', reason });
}

/**
 * Whether the watch over a version is over: it has proved itself, or was rolled back. Somebody who makes it the champion
 * again after that has the last word.
 */
export const watched = ({ comparisons }: { comparisons: readonly { kind: string; decision: string }[] }): boolean =>
  comparisons.some(({ kind, decision }) => kind === 'watch' && (decision === 'keep' || decision === 'roll-back'));

async function lockedAliases(tx: Tx, scenarioId: string): Promise<Map<string, string>> {
  await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${scenarioId} FOR UPDATE`;
  const rows = await tx.alias.findMany({ where: { scenarioId } });
  return new Map(rows.map(({ name, versionId }) => [name, versionId]));
}

async function save(
  tx: Db,
  kind: 'shadow' | 'watch',
  { againstVersionId, tracks, ...report }: (ShadowReport | WatchReport) & { againstVersionId: string; tracks: number },
): Promise<void> {
  const { versionId, decision, reason } = report;
  const stored = kind === 'watch' ? { ...report, tracks } : report;
  const data = { againstVersionId, decision, reason, tracks, report: stored as unknown as Prisma.InputJsonObject };
  await tx.liveComparison.upsert({
    where: { versionId_kind: { versionId, kind } },
    create: { versionId, kind, ...data },
    update: data,
  });
}
