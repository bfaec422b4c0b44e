import { type MetricName, SafaceError } from '@saface/core';
import { type MetricScopeName, metricBuckets } from '@saface/db/repositories/metrics';
import type { ServiceContext } from '../deps.ts';

export interface TimeRange {
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
}

/** Whole milliseconds per bucket, at least one. Throws when the range is empty. */
export function bucketing({ from, to, buckets }: TimeRange) {
  if (!(to > from)) throw new SafaceError('invalid-input', 'The period ends before it begins', 'Choose a later end.');
  const bucketMs = Math.max(1, Math.ceil((to - from) / buckets));
  const times = Array.from({ length: Math.ceil((to - from) / bucketMs) }, (_, i) => from + i * bucketMs);
  return { bucketMs, times };
}

export async function getSeries(
  { prisma }: ServiceContext,
  input: TimeRange & { scope: MetricScopeName; scopeId: string; names: MetricName[] },
) {
  const { bucketMs, times } = bucketing(input);
  const values = await metricBuckets(prisma, { ...input, bucketMs });
  const series = input.names.map((name) => ({
    name,
    values: times.map((time) => values.get(name)?.get(time) ?? null),
  }));
  return { bucketMs, times, series };
}
