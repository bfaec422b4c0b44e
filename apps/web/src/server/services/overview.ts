import type { Prisma } from '@saface/db';
import { currentAgent, edgeReportOf } from '@saface/db/repositories/agents';
import { findCameras } from '@saface/db/repositories/cameras';
import { latestMetrics } from '@saface/db/repositories/metrics';
import { verdictOf, versionRef } from '@saface/db/repositories/versions';
import { plural } from '../../lib/format.ts';
import type { OverviewSite, OverviewView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { consentAlerts } from './consent-alerts.ts';
import { isOnline } from './time.ts';

const DAY_MS = 24 * 3_600_000;
/** How long a version that went back by itself is told of. */
const ALERT_MS = 7 * DAY_MS;
const FRESH_MS = 15_000;

const include = {
  edges: { include: { agents: true } },
  scenarios: {
    include: {
      versions: { select: { id: true, number: true, verdict: true }, orderBy: { number: 'asc' } },
      aliases: { where: { name: 'champion' } },
      deployments: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 1 },
      runs: { where: { status: { in: ['running', 'paused'] } }, select: { id: true } },
    },
    orderBy: { name: 'asc' },
  },
} satisfies Prisma.SiteInclude;
type SiteRow = Prisma.SiteGetPayload<{ include: typeof include }>;
type Alert = OverviewSite['alerts'][number];

/**
 * Accuracy now against the base model's, both label-free: the champion's from the gate it passed, the base's from the
 * first gate, where it was the champion to beat.
 */
function accuracyOf({ versions, aliases, id, name }: SiteRow['scenarios'][number]): OverviewSite['scenarios'][number] {
  const champion = versions.find((version) => version.id === aliases[0]?.versionId);
  const firstGate = versions.map(verdictOf).find((verdict) => verdict?.champion);
  const baseAccuracy = firstGate?.champion?.accuracy ?? null;
  const accuracy =
    champion?.number === 0 ? baseAccuracy : ((champion && verdictOf(champion)?.candidate?.accuracy) ?? null);
  return { id, name, version: champion ? versionRef(champion) : null, accuracy, baseAccuracy };
}

/** @param cameras how many send to this edge */
function edgeAlerts(edge: SiteRow['edges'][number], cameras: number): Alert[] {
  const agent = currentAgent(edge.agents);
  const href = '/fleet';
  if (!agent)
    return [
      {
        severity: 'warning',
        message: `Edge ${edge.name} has no agent yet`,
        remedy: 'Create an enrolment token and start the edge agent with it.',
        href,
      },
    ];
  if (agent.status === 'revoked')
    return [
      {
        severity: 'error',
        message: `Edge ${edge.name} is revoked, and ${plural(cameras, 'camera')} still ${cameras === 1 ? 'sends' : 'send'} to it`,
        remedy: 'Give its cameras another edge, or enrol it again with a new token.',
        href,
      },
    ];
  if (agent.status === 'pending')
    return [
      { severity: 'warning', message: `Edge ${edge.name} waits to be accepted`, remedy: 'Accept it in Fleet.', href },
    ];
  if (!isOnline(agent.lastSeenAt))
    return [
      {
        severity: 'error',
        message: `Edge ${edge.name} does not answer`,
        remedy: 'See whether the machine and its edge agent run, and whether it reaches this address.',
        href,
      },
    ];
  return (edgeReportOf(agent)?.problems ?? []).map((message) => ({
    severity: 'warning' as const,
    message: `${edge.name}: ${message}`,
    remedy: 'See the log of the edge in Fleet.',
    href,
  }));
}

/** A version that went back by itself is worth a look until somebody has changed the scenario's version again. */
function scenarioAlerts({ id, name, deployments, versions }: SiteRow['scenarios'][number]): Alert[] {
  const [last] = deployments;
  if (last?.kind !== 'watch' || last.createdAt.getTime() < Date.now() - ALERT_MS) return [];
  const label = (versionId: string | null) => {
    const version = versions.find((candidate) => candidate.id === versionId);
    return version ? versionRef(version).label : 'its parent';
  };
  const message = `${name} went back from ${label(last.fromVersionId)} to ${label(last.toVersionId)} by itself. ${last.reason}`;
  return [
    {
      severity: 'warning',
      message,
      remedy: 'See the changes of the scenario; training goes on.',
      href: `/scenarios/${id}`,
    },
  ];
}

export async function getOverview({ prisma }: ServiceContext): Promise<OverviewView> {
  const [sites, cameras, counts, alerts] = await Promise.all([
    prisma.site.findMany({ include, orderBy: { name: 'asc' } }),
    findCameras(prisma),
    prisma.event.groupBy({
      by: ['siteId', 'decision'],
      where: { firstSeen: { gte: new Date(Date.now() - DAY_MS) } },
      _count: true,
    }),
    consentAlerts(prisma),
  ]);
  const scopeIds = sites.flatMap(({ edges }) => edges.map(({ id }) => id));
  const rates = await latestMetrics(prisma, { scope: 'edge', scopeIds, withinMs: FRESH_MS });
  const count = (siteId: string, decision: 'recognised' | 'unknown') =>
    counts.find((group) => group.siteId === siteId && group.decision === decision)?._count ?? 0;

  return {
    alerts,
    sites: sites.map((site) => {
      const own = cameras.filter((camera) => camera.site.id === site.id);
      const camerasOf = (edgeId: string) => own.filter((camera) => camera.edge?.id === edgeId).length;
      // One that was revoked and has no camera left was taken out of service on purpose.
      const inService = site.edges.filter(
        (edge) => currentAgent(edge.agents)?.status !== 'revoked' || camerasOf(edge.id) > 0,
      );
      const up = own.filter((camera) => camera.state === 'playing' || camera.state === 'ended');
      const known = site.edges.flatMap(({ id }) => rates.get(id)?.probesPerSecond ?? []);
      const cameraAlerts: Alert[] = own
        .filter((camera) => !up.includes(camera))
        .map((camera) => ({
          severity: 'error',
          message: `Camera ${camera.name} is ${camera.state}${camera.error ? `: ${camera.error}` : ''}`,
          remedy:
            camera.agentStatus === 'none'
              ? 'Create an enrolment token and start the camera agent with it.'
              : 'Check the source in the camera settings and the agent in Fleet.',
          href: '/fleet',
        }));
      return {
        id: site.id,
        name: site.name,
        cameras: { up: up.length, total: own.length },
        edges: {
          up: inService.filter((edge) => isOnline(currentAgent(edge.agents)?.lastSeenAt)).length,
          total: inService.length,
        },
        probesPerSecond: known.length === 0 ? null : known.reduce((sum, rate) => sum + rate, 0),
        recognised: count(site.id, 'recognised'),
        unknown: count(site.id, 'unknown'),
        trainingRunning: site.scenarios.reduce((sum, { runs }) => sum + runs.length, 0),
        scenarios: site.scenarios.map(accuracyOf),
        alerts: [
          ...inService.flatMap((edge) => edgeAlerts(edge, camerasOf(edge.id))),
          ...cameraAlerts,
          ...site.scenarios.flatMap(scenarioAlerts),
        ],
      };
    }),
  };
}
