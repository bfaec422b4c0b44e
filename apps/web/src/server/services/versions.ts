import { decisionPolicySchema, recogniserSpecSchema, thresholdReportSchema } from '@saface/core';
import type { Prisma, PrismaClient } from '@saface/db';
import { currentAgent, edgeReportOf } from '@saface/db/repositories/agents';
import { countByVersion } from '@saface/db/repositories/events';
import { provenanceOf, verdictOf, versionLabel, versionRef } from '@saface/db/repositories/versions';
import type { DeploymentView, ServedView, VersionView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { evaluationInclude, toEvaluationView } from './evaluations.ts';
import { servedThreshold } from './served-threshold.ts';
import { toMsOrNull } from './time.ts';

export const versionInclude = {
  aliases: { select: { name: true } },
  baseModel: { select: { id: true, name: true, recogniser: true } },
  scenario: { select: { baseModelId: true, decision: true } },
  evaluations: { include: evaluationInclude, orderBy: { createdAt: 'asc' } },
} satisfies Prisma.ModelVersionInclude;
type VersionRow = Prisma.ModelVersionGetPayload<{ include: typeof versionInclude }>;

export async function toVersionViews(prisma: PrismaClient, rows: readonly VersionRow[]): Promise<VersionView[]> {
  // Not by `_count`, which counts the events of every version there is.
  const events = await countByVersion(
    prisma,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toView(row, events.get(row.id) ?? 0));
}

function toView(row: VersionRow, events: number): VersionView {
  const { recogniser, ...baseModel } = row.baseModel;
  const applies = row.baseModelId === row.scenario.baseModelId;
  const budget = thresholdReportSchema.safeParse(row.budget).data ?? null;
  const { defaultThreshold, defaultCut } = recogniserSpecSchema.parse(recogniser);
  const decision = decisionPolicySchema.parse(row.scenario.decision);
  return {
    id: row.id,
    scenarioId: row.scenarioId,
    number: row.number,
    label: versionLabel(row.number),
    parentId: row.parentId,
    baseModel,
    applies,
    cut: row.cut ?? defaultCut,
    effective: servedThreshold({ ...row, applies, budget, baseThreshold: defaultThreshold }, decision),
    budget,
    retired: row.retiredAt && {
      at: row.retiredAt.getTime(),
      by: row.retiredByName ?? '',
      reason: row.retiredReason ?? '',
    },
    createdAt: row.createdAt.getTime(),
    aliases: row.aliases.map(({ name }) => name),
    verdict: verdictOf(row),
    provenance: provenanceOf(row),
    runId: row.runId,
    evaluations: row.evaluations.map(toEvaluationView),
    events,
  };
}

export async function listVersions({ prisma }: ServiceContext, { scenarioId }: { scenarioId: string }) {
  if (!(await prisma.scenario.findUnique({ where: { id: scenarioId } }))) throw notFound('scenario');
  const rows = await prisma.modelVersion.findMany({
    where: { scenarioId },
    include: versionInclude,
    orderBy: { number: 'asc' },
  });
  const refs = new Map(rows.map((row) => [row.id, versionRef(row)]));
  const moves = await prisma.deployment.findMany({
    where: { scenarioId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: 200,
  });
  const deployments: DeploymentView[] = moves.map((move) => ({
    id: move.id,
    kind: move.kind,
    from: (move.fromVersionId && refs.get(move.fromVersionId)) || null,
    to: refs.get(move.toVersionId) ?? { id: move.toVersionId, label: 'deleted' },
    actor: move.actorName,
    reason: move.reason,
    at: move.createdAt.getTime(),
  }));
  return { versions: await toVersionViews(prisma, rows), deployments };
}

/** What each edge with a camera of this scenario really serves, against what it should. */
export async function listServedVersions(
  { prisma }: ServiceContext,
  { scenarioId }: { scenarioId: string },
): Promise<ServedView[]> {
  const scenario = await prisma.scenario.findUnique({
    where: { id: scenarioId },
    include: {
      versions: { select: { id: true, number: true } },
      aliases: { where: { name: 'champion' } },
      cameras: { where: { deletedAt: null }, select: { edge: { include: { agents: true } } } },
    },
  });
  if (!scenario) throw notFound('scenario');
  const refs = new Map(scenario.versions.map((version) => [version.id, versionRef(version)]));
  const desired = refs.get(scenario.aliases[0]?.versionId ?? '') ?? null;
  const edges = new Map(scenario.cameras.flatMap(({ edge }) => (edge ? [[edge.id, edge] as const] : [])));
  return [...edges.values()].map((edge) => {
    const agent = currentAgent(edge.agents);
    const id = edgeReportOf(agent)?.serving.find((entry) => entry.scenarioId === scenarioId)?.versionId;
    const served = (id && refs.get(id)) || null;
    return {
      edge: { id: edge.id, name: edge.name },
      desired,
      served,
      inSync: served !== null && served.id === desired?.id,
      lastSeenAt: toMsOrNull(agent?.lastSeenAt),
    };
  });
}
