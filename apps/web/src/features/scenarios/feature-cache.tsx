'use client';

import { prepareTimeSeries } from '../../components/charts/prepare-time-series.ts';
import { Stat, StatRow } from '../../components/data/stat.tsx';
import { formatBytes, formatCount, MISSING } from '../../lib/format.ts';
import { useMetricSeries } from '../../lib/use-metric-series.ts';

const names = ['tracks', 'triplets', 'cachedProbes', 'cachedBytes'] as const;

/** What the edge keeps of a scenario to learn from; with several edges, what the last one to report keeps. */
export function FeatureCache({ scenarioId, maxProbes }: { scenarioId: string; maxProbes: number }) {
  const { points } = useMetricSeries({
    scope: 'scenario',
    scopeId: scenarioId,
    names,
    span: 60_000,
    every: 5000,
    buckets: 12,
  });
  const { latest } = prepareTimeSeries({ points, keys: [...names], maxGap: 60_000 });
  const whole = (value: number | null | undefined) => (value == null ? MISSING : formatCount(Math.round(value)));
  return (
    <StatRow>
      <Stat label="Tracks kept" value={whole(latest.tracks)} />
      <Stat label="Triplets they make" value={whole(latest.triplets)} />
      <Stat label="Pictures kept" value={whole(latest.cachedProbes)} note={`at most ${formatCount(maxProbes)}`} />
      <Stat
        label="Feature cache"
        value={formatBytes(latest.cachedBytes == null ? null : Math.round(latest.cachedBytes))}
        note="half floats, encrypted on disk"
      />
    </StatRow>
  );
}
