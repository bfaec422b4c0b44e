import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { ONLINE_WITHIN_MS } from './time.ts';

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'saface_web_' });

const agents = new Gauge({
  name: 'saface_agents',
  help: 'Accepted agents by kind, online (heard of within 10 s) or offline',
  labelNames: ['kind', 'state'],
  registers: [registry],
});
const rows = new Gauge({
  name: 'saface_rows',
  help: 'Rows of the control plane by what they are',
  labelNames: ['table'],
  registers: [registry],
});
const pending = new Gauge({
  name: 'saface_enrolment_pictures_pending',
  help: 'Uploaded pictures that wait for their check',
  registers: [registry],
});
const running = new Gauge({
  name: 'saface_training_runs_running',
  help: 'Training runs in progress on the edges',
  registers: [registry],
});

/** What Prometheus reads at /metrics. */
export async function collectMetrics({ prisma }: Deps): Promise<{ contentType: string; text: string }> {
  const since = new Date(Date.now() - ONLINE_WITHIN_MS);
  const [accepted, events, identities, versions, waiting, runs] = await Promise.all([
    prisma.agent.findMany({ where: { status: 'accepted' }, select: { kind: true, lastSeenAt: true } }),
    prisma.event.count(),
    prisma.identity.count(),
    prisma.modelVersion.count(),
    prisma.enrolmentImage.count({ where: { status: 'pending' } }),
    prisma.trainingRun.count({ where: { status: 'running' } }),
  ]);
  for (const kind of ['edge', 'camera'] as const) {
    const own = accepted.filter((agent) => agent.kind === kind);
    const online = own.filter(({ lastSeenAt }) => lastSeenAt !== null && lastSeenAt >= since).length;
    agents.set({ kind, state: 'online' }, online);
    agents.set({ kind, state: 'offline' }, own.length - online);
  }
  rows.set({ table: 'events' }, events);
  rows.set({ table: 'identities' }, identities);
  rows.set({ table: 'versions' }, versions);
  pending.set(waiting);
  running.set(runs);
  return { contentType: registry.contentType, text: await registry.metrics() };
}
