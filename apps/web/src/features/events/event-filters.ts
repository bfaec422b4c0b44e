/** Filters of the events page as they stand in its address, so that every view can be linked and shared. */
export const filterKeys = [
  'siteId',
  'cameraId',
  'scenarioId',
  'identityId',
  'decision',
  'versionId',
  'review',
  'from',
  'to',
  'maxDistance',
] as const;
export type FilterKey = (typeof filterKeys)[number];

export type Filters = Partial<Record<FilterKey, string>>;

const decisions = ['recognised', 'unknown'] as const;
const reviews = ['none', 'confirmed', 'rejected', 'assigned'] as const;

export function readFilters(params: { get: (key: string) => string | null }): Filters {
  const filters: Filters = {};
  for (const key of filterKeys) {
    const value = params.get(key)?.trim();
    if (value) filters[key] = value;
  }
  return filters;
}

/** What events.list takes. Times in the address are local (`2026-11-23T08:00`); what cannot be read is left out. */
export function toQuery(filters: Filters) {
  return {
    siteId: filters.siteId,
    cameraId: filters.cameraId,
    scenarioId: filters.scenarioId,
    identityId: filters.identityId,
    versionId: filters.versionId,
    decision: decisions.find((d) => d === filters.decision),
    review: reviews.find((r) => r === filters.review),
    from: toTime(filters.from),
    to: toTime(filters.to),
    maxDistance: toNumber(filters.maxDistance),
  };
}

/** The address of the CSV with the same filters. */
export function exportUrl(filters: Filters): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(toQuery(filters))) {
    if (value !== undefined) query.set(key, String(value));
  }
  const text = query.toString();
  return `/api/events/export${text ? `?${text}` : ''}`;
}

function toTime(value: string | undefined): number | undefined {
  const time = value === undefined ? Number.NaN : new Date(value).getTime();
  return Number.isFinite(time) ? time : undefined;
}

function toNumber(value: string | undefined): number | undefined {
  const number = value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
