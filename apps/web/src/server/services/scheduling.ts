import { replay, type SchedulingPolicy, schedulingPolicySchema } from '@saface/core';
import type { Prisma } from '@saface/db';
import { currentAgent, edgeReportOf } from '@saface/db/repositories/agents';
import { metricBuckets } from '@saface/db/repositories/metrics';
import type { EdgePolicyView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { bucketing, type TimeRange } from './metrics.ts';
import { toMsOrNull } from './time.ts';

const include = { site: { select: { id: true, name: true } }, agents: true } satisfies Prisma.EdgeServerInclude;

function toView(row: Prisma.EdgeServerGetPayload<{ include: typeof include }>): EdgePolicyView {
  const agent = currentAgent(row.agents);
  return {
    edge: { id: row.id, name: row.name },
    site: row.site,
    policy: schedulingPolicySchema.parse(row.policy),
    measured: edgeReportOf(agent)?.measured ?? null,
    lastSeenAt: toMsOrNull(agent?.lastSeenAt),
    inSync: agent?.desiredRevision != null && agent.desiredRevision === agent.reportedRevision,
  };
}

export async function listPolicies({ prisma }: ServiceContext) {
  return (await prisma.edgeServer.findMany({ include, orderBy: { name: 'asc' } })).map(toView);
}

export async function getPolicy({ prisma }: ServiceContext, { edgeId }: { edgeId: string }) {
  const row = await prisma.edgeServer.findUnique({ where: { id: edgeId }, include });
  if (!row) throw notFound('edge server');
  return toView(row);
}

export function updatePolicy(ctx: ServiceContext, { edgeId, policy }: { edgeId: string; policy: SchedulingPolicy }) {
  return audited(ctx, async (tx) => {
    const old = await tx.edgeServer.findUnique({ where: { id: edgeId } });
    if (!old) throw notFound('edge server');
    await tx.edgeServer.update({ where: { id: edgeId }, data: { policy } });
    return {
      value: { edgeId },
      record: {
        action: 'policy.update',
        subjectKind: 'edge',
        subjectId: edgeId,
        data: { from: old.policy, to: policy },
      },
    };
  });
}

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** Eq. 2 over the recorded load under another alpha, with the capacities measured at the time. */
export async function replayPolicy(ctx: ServiceContext, input: TimeRange & { edgeId: string; alpha: number }) {
  await getPolicy(ctx, input);
  const { bucketMs, times } = bucketing(input);
  const { edgeId: scopeId, from, to, alpha } = input;
  const names = ['load', 'batch', 'nE', 'bMax'] as const;
  const values = await metricBuckets(ctx.prisma, { scope: 'edge', scopeId, names, from, to, bucketMs });
  const points = times.map((time) => {
    const at = (name: (typeof names)[number]) => values.get(name)?.get(time) ?? null;
    const [load, batch, nE, bMax] = names.map(at);
    // The metric `load` is sum NP_i / N_E already; Eq. 2 wants the sum.
    const known = load !== null && nE !== null && bMax !== null;
    const whatIf = known ? (replay({ alpha, nE, bMax, loads: [load * nE] }).batchSizes[0] ?? null) : null;
    return { time, load, batch, whatIf };
  });
  return {
    bucketMs,
    points,
    meanBatch: mean(points.map(({ batch }) => batch)),
    meanWhatIf: mean(points.map(({ whatIf }) => whatIf)),
  };
}
