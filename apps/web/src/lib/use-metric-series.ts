'use client';

import type { MetricName } from '@saface/core/agents/report';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import type { SeriesPoint } from '../components/charts/prepare-time-series.ts';
import { useNow } from './use-now.ts';

interface MetricSeriesOptions<K extends MetricName> {
  scope: 'edge' | 'camera' | 'scenario';
  /** Null while it is not known what to ask for. */
  scopeId: string | null;
  names: readonly K[];
  /** Length of the window in ms; it ends now. */
  span: number;
  /** How often to ask again, ms. */
  every?: number;
  buckets?: number;
}

/** Measured figures of the last `span` ms, asked for again while the page is open. */
export function useMetricSeries<K extends MetricName>(options: MetricSeriesOptions<K>) {
  const { scope, scopeId, names, span, every = 5000, buckets = 120 } = options;
  const trpc = useTRPC();
  const now = useNow();
  const to = Math.floor(now / every) * every;
  const from = to - span;
  const query = useQuery({
    ...trpc.metrics.series.queryOptions({ scope, scopeId: scopeId ?? '', names: [...names], from, to, buckets }),
    enabled: scopeId !== null && now > 0,
    placeholderData: keepPreviousData,
    // The window moves on with each answer; the old ones are not asked for again.
    gcTime: 30_000,
  });
  return { query, from, to, points: query.data ? toPoints<K>(query.data) : [] };
}

interface SeriesAnswer {
  times: number[];
  series: { name: string; values: (number | null)[] }[];
}

/** One point per bucket in which anything was measured. */
export function toPoints<K extends string>(answer: SeriesAnswer): SeriesPoint<K>[] {
  return answer.times
    .map((time, i) => ({
      time,
      values: Object.fromEntries(answer.series.map((s) => [s.name, s.values[i]])) as Partial<Record<K, number | null>>,
    }))
    .filter((point) => Object.values(point.values).some((v) => v !== null && v !== undefined));
}
