import { timingSafeEqual } from 'node:crypto';
import { SafaceError } from '@saface/core';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { ONLINE_WITHIN_MS } from './time.ts';
import { hashOfSecret } from './tokens.ts';

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
  help: 'Rows of the control plane by what they are; events as the database estimates them',
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

/** Scrapers have no session. Where a token is configured only its bearer is answered; otherwise the network guards the door. */
export function requireScraper(authorization: string | null, token: string | undefined): void {
  if (token === undefined) return;
  const [given, wanted] = [authorization ?? '', `Bearer ${token}`].map((text) =>
    Buffer.from(hashOfSecret(text), 'hex'),
  );
  if (!timingSafeEqual(given, wanted))
    throw new SafaceError(
      'unauthenticated',
      'Metrics are only for scrapers that send the token',
      'Send SAFACE_METRICS_TOKEN as “Authorization: Bearer”.',
    );
}

/** Counting millions of events at every scrape would load the database for a figure that nobody needs exactly. */
async function estimatedEvents(prisma: Deps['prisma']): Promise<number> {
  const [row] = await prisma.$queryRaw<{ estimate: number }[]>`
    SELECT GREATEST(reltuples, 0)::float8 AS estimate FROM pg_class WHERE oid = '"Event"'::regclass`;
  return row?.estimate ?? 0;
}

/** What Prometheus reads at /metrics. */
export async function collectMetrics({ prisma }: Deps): Promise<{ contentType: string; text: string }> {
  const since = new Date(Date.now() - ONLINE_WITHIN_MS);
  const [accepted, events, identities, versions, waiting, runs] = await Promise.all([
    prisma.agent.findMany({ where: { status: 'accepted' }, select: { kind: true, lastSeenAt: true } }),
    estimatedEvents(prisma),
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
