import { type EventQuery, findEvents, type StoredEvent } from '@saface/db/repositories/events';
import type { ServiceContext } from '../deps.ts';
import { audited } from './audited.ts';

const columns: Record<string, (event: StoredEvent) => string | number | null> = {
  id: (event) => event.id,
  site: (event) => event.site.name,
  camera: (event) => event.camera.name,
  scenario: (event) => event.scenario.name,
  first_seen: (event) => event.firstSeen.toISOString(),
  last_seen: (event) => event.lastSeen.toISOString(),
  decision: (event) => event.decision,
  identity_id: (event) => event.identityId,
  identity: (event) => event.identity?.name ?? null,
  distance: (event) => event.distance,
  runner_up: (event) => event.runnerUp?.name ?? null,
  runner_up_distance: (event) => event.runnerUpDistance,
  threshold: (event) => event.threshold,
  version: (event) => event.version.label,
  probes: (event) => event.probes,
  quality: (event) => event.quality,
  review: (event) => event.review,
  reviewed_identity: (event) => event.reviewedIdentity?.name ?? null,
};

/** RFC 4180; a leading =, +, - or @ is kept from being taken for a formula by spreadsheets. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Who took what out of the house, before the first of it leaves. */
export function recordExport(ctx: ServiceContext, query: EventQuery): Promise<void> {
  const filter = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
  return audited(ctx, async () => ({
    value: undefined,
    record: { action: 'event.export', subjectKind: 'event', subjectId: 'csv', data: filter },
  }));
}

const PAGE = 500;

/** CSV of every event that the filter matches, newest first, page by page so that any number fits. */
export function exportEvents({ prisma }: ServiceContext, query: EventQuery): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let after: { time: Date; id: string } | null = null;
  let first = true;
  return new ReadableStream({
    async pull(controller) {
      const rows = await findEvents(prisma, query, { after, take: PAGE });
      const lines = rows.map((row) =>
        Object.values(columns)
          .map((cell) => csvCell(cell(row)))
          .join(','),
      );
      if (first) lines.unshift(Object.keys(columns).join(','));
      first = false;
      if (lines.length > 0) controller.enqueue(encoder.encode(`${lines.join('\r\n')}\r\n`));
      const last = rows.at(-1);
      if (rows.length < PAGE || !last) controller.close();
      else after = { time: last.firstSeen, id: last.id };
    },
  });
}
