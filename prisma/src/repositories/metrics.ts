import type { MetricName, MetricSample } from '@saface/core';
import type { Db, PrismaClient } from '../client.ts';

export type MetricScopeName = MetricSample['scope'];

export interface SeriesQuery {
  readonly scope: MetricScopeName;
  readonly scopeId: string;
  readonly names: readonly MetricName[];
  /** Unix epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
}

/** Sums where samples count since the last one; means of everything that is a level. */
const counted = new Set<MetricName>(['framesDropped', 'facesFound', 'facesSent', 'trainingSteps']);

/** Per name and bucket start the aggregate; a bucket without samples is absent: a gap is not a zero. */
export async function metricBuckets(db: Db, query: SeriesQuery): Promise<Map<MetricName, Map<number, number>>> {
  const rows = await db.$queryRaw<{ name: MetricName; bucket: number; mean: number; sum: number }[]>`
    SELECT v.key AS name,
           floor((extract(epoch FROM "time") * 1000 - ${query.from}) / ${query.bucketMs})::int AS bucket,
           avg(v.value::text::float8) AS mean,
           sum(v.value::text::float8) AS sum
      FROM "MetricSample", jsonb_each("values") AS v
     WHERE "scope" = ${query.scope}::"MetricScope" AND "scopeId" = ${query.scopeId}
       AND "time" >= ${new Date(query.from)} AND "time" < ${new Date(query.to)}
       AND v.key = ANY(${[...query.names]})
     GROUP BY 1, 2`;
  const byName = new Map<MetricName, Map<number, number>>(query.names.map((name) => [name, new Map()]));
  for (const { name, bucket, mean, sum } of rows)
    byName.get(name)?.set(query.from + bucket * query.bucketMs, counted.has(name) ? sum : mean);
  return byName;
}

/** Newest value of each name per scope id within the last `withinMs`. */
export async function latestMetrics(
  db: PrismaClient,
  query: { scope: MetricScopeName; scopeIds: readonly string[]; withinMs: number },
): Promise<Map<string, Partial<Record<MetricName, number>>>> {
  const rows = await db.$queryRaw<{ scopeId: string; name: MetricName; value: number }[]>`
    SELECT DISTINCT ON ("scopeId", v.key) "scopeId", v.key AS name, v.value::text::float8 AS value
      FROM "MetricSample", jsonb_each("values") AS v
     WHERE "scope" = ${query.scope}::"MetricScope" AND "scopeId" = ANY(${[...query.scopeIds]})
       AND "time" >= ${new Date(Date.now() - query.withinMs)}
     ORDER BY "scopeId", v.key, "time" DESC`;
  return group(rows);
}

/** Sums of the counting metrics, and frames from the mean rate, per scope id over the last `withinMs`. */
export async function sumMetrics(
  db: PrismaClient,
  query: { scope: MetricScopeName; scopeIds: readonly string[]; names: readonly MetricName[]; withinMs: number },
): Promise<Map<string, Partial<Record<MetricName, number>>>> {
  const rows = await db.$queryRaw<{ scopeId: string; name: MetricName; sum: number; mean: number }[]>`
    SELECT "scopeId", v.key AS name, sum(v.value::text::float8) AS sum, avg(v.value::text::float8) AS mean
      FROM "MetricSample", jsonb_each("values") AS v
     WHERE "scope" = ${query.scope}::"MetricScope" AND "scopeId" = ANY(${[...query.scopeIds]})
       AND v.key = ANY(${[...query.names]}) AND "time" >= ${new Date(Date.now() - query.withinMs)}
     GROUP BY 1, 2`;
  return group(rows.map((row) => ({ ...row, value: counted.has(row.name) ? row.sum : row.mean })));
}

function group(rows: readonly { scopeId: string; name: MetricName; value: number }[]) {
  const byScope = new Map<string, Partial<Record<MetricName, number>>>();
  for (const { scopeId, name, value } of rows) byScope.set(scopeId, { ...byScope.get(scopeId), [name]: value });
  return byScope;
}

export async function saveMetricSamples(db: Db, samples: readonly MetricSample[]): Promise<void> {
  await db.metricSample.createMany({
    data: samples.map(({ time, ...sample }) => ({ ...sample, time: new Date(time) })),
    skipDuplicates: true,
  });
}
