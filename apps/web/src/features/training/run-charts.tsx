'use client';

import type { LossPoint } from '@saface/core/agents/report';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { toPoints } from '../../lib/use-metric-series.ts';
import { useNow } from '../../lib/use-now.ts';
import { prepareBatchAndLoad, prepareLoss, prepareScores, prepareSpan } from './prepare-run.ts';
import type { RunView } from './run-actions.tsx';

const asShare = (value: number) => `${Math.round(value * 1000) / 10} %`;
/** Training pauses while recognition is busy; a line across such a pause still is one run. */
const PAUSE = 120_000;

export function RunCharts({ run, points }: { run: RunView; points: LossPoint[] }) {
  const trpc = useTRPC();
  const now = useNow();
  const quantised = Math.floor(now / 5000) * 5000;
  const { from, to } = prepareSpan(run, quantised);
  const load = useQuery({
    ...trpc.metrics.series.queryOptions({
      scope: 'edge',
      scopeId: run.edge?.id ?? '',
      names: ['load'],
      from,
      to,
      buckets: 120,
    }),
    enabled: now > 0 && run.edge !== null,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });
  return (
    <div className="grid gap-5 xl:grid-cols-2 *:min-w-0">
      <Card>
        <CardHeader title="Loss" description="Triplet loss, and the share of triplets that still teach something." />
        <CardContent>
          <TimeChart
            label="Training loss and active share"
            points={prepareLoss(points)}
            from={from}
            to={to}
            maxGap={PAUSE}
            emptyText={run.endedAt === null ? 'The first steps appear here.' : 'It ended before its first step.'}
            series={[
              { key: 'loss', label: 'Loss', digits: 4, color: 1 },
              { key: 'activeShare', label: 'Active share', digits: 2, color: 3, right: true, dash: '5 3' },
            ]}
          />
        </CardContent>
      </Card>
      <Card>
        <CardHeader title="Batch against load" description="B_t follows what recognition leaves of the edge." />
        <CardContent>
          <TimeChart
            label="Training batch B_t and load of the edge"
            points={prepareBatchAndLoad(points, load.data ? toPoints<'load'>(load.data) : [])}
            from={from}
            to={to}
            maxGap={PAUSE}
            connect
            emptyText="Nothing measured in this run's time."
            series={[
              { key: 'batch', label: 'B_t', unit: 'triplets', digits: 0, color: 2, step: true },
              { key: 'load', label: 'Load', digits: 2, color: 1, right: true, dash: '5 3' },
            ]}
          />
        </CardContent>
      </Card>
      <Card className="xl:col-span-2">
        <CardHeader
          title="Accuracy without labels"
          description="Measured on tracks that this run does not learn from."
        />
        <CardContent>
          <TimeChart
            label="Label-free accuracy during the run"
            points={prepareScores(points)}
            from={from}
            to={to}
            domain={['auto', 'auto']}
            formatLeft={asShare}
            emptyText={
              run.endedAt === null
                ? 'Measured a few times during a run; the first figure appears here.'
                : 'It ended before its first measurement.'
            }
            className="h-40"
            series={[{ key: 'score', label: 'Accuracy', digits: 4, color: 4, dots: true }]}
          />
        </CardContent>
      </Card>
    </div>
  );
}
