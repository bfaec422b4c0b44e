'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { useMetricSeries } from '../../lib/use-metric-series.ts';

const SPAN = 15 * 60_000;

/** Inference and training of each edge over the last quarter of an hour. */
export function EdgeActivity() {
  const trpc = useTRPC();
  const fleet = useQuery(trpc.fleet.list.queryOptions({}));
  const edges = fleet.data?.edges ?? [];
  return (
    <div className="grid gap-5 xl:grid-cols-2 *:min-w-0 [&>*:only-child]:col-span-full">
      {edges.map((edge) => (
        <EdgeCard key={edge.id} id={edge.id} name={edge.name} />
      ))}
    </div>
  );
}

function EdgeCard({ id, name }: { id: string; name: string }) {
  const { points, from, to } = useMetricSeries({
    scope: 'edge',
    scopeId: id,
    names: ['probesPerSecond', 'batch'],
    span: SPAN,
  });
  return (
    <Card>
      <CardHeader
        title={name}
        description="Recognition has priority; training takes what is left."
        actions={
          <Button asChild variant="outline" size="sm">
            <Link href={`/scheduling?edge=${encodeURIComponent(id)}`}>Scheduling</Link>
          </Button>
        }
      />
      <CardContent>
        <TimeChart
          label={`${name}: probes per second and training batch, last 15 minutes`}
          points={points}
          from={from}
          to={to}
          maxGap={30_000}
          className="h-40"
          series={[
            { key: 'probesPerSecond', label: 'Probes', unit: '/s', color: 1 },
            { key: 'batch', label: 'Training batch', unit: 'triplets', color: 2, digits: 0, right: true, dash: '5 3' },
          ]}
        />
      </CardContent>
    </Card>
  );
}
