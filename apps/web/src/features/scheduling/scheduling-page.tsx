'use client';

import { useQuery } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useTRPC } from '@/lib/trpc/client';
import { prepareTimeSeries } from '../../components/charts/prepare-time-series.ts';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { useMetricSeries } from '../../lib/use-metric-series.ts';
import { EquationCard } from './equation-card.tsx';
import { type EdgePolicy, PolicyForm } from './policy-form.tsx';
import { WhatIfCard } from './what-if-card.tsx';

export function SchedulingPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const wanted = useSearchParams().get('edge');
  const policies = useQuery(trpc.scheduling.list.queryOptions(undefined, { refetchInterval: 2000 }));
  const chosen = policies.data?.find((p) => p.edge.id === wanted) ?? policies.data?.[0];
  return (
    <>
      <PageHeader
        title="Scheduling"
        description="How an edge shares its time between recognising faces and learning from them."
        actions={
          chosen &&
          (policies.data?.length ?? 0) > 1 && (
            <Field label="Edge" className="w-56">
              {(control) => (
                <Select
                  {...control}
                  value={chosen.edge.id}
                  onChange={(e) => router.replace(`${pathname}?edge=${encodeURIComponent(e.target.value)}`)}
                >
                  {policies.data?.map((p) => (
                    <option key={p.edge.id} value={p.edge.id}>
                      {p.edge.name}, {p.site.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          )
        }
      />
      <QueryState
        query={policies}
        isEmpty={(list) => list.length === 0}
        empty={
          <Card>
            <EmptyState
              icon={SlidersHorizontal}
              title="No edge yet"
              action={
                <Button asChild>
                  <Link href="/fleet">Create an edge</Link>
                </Button>
              }
            >
              Each edge has its own policy. Create one under Fleet and connect it with an enrolment token.
            </EmptyState>
          </Card>
        }
      >
        {() => chosen && <EdgeScheduling key={chosen.edge.id} view={chosen} />}
      </QueryState>
    </>
  );
}

function EdgeScheduling({ view }: { view: EdgePolicy }) {
  const { points, from, to } = useMetricSeries({
    scope: 'edge',
    scopeId: view.edge.id,
    names: ['load', 'batch', 'alpha'],
    span: 10 * 60_000,
    every: 2000,
  });
  const recent = points.filter((p) => p.time > to - 30_000);
  const { latest } = prepareTimeSeries({ points: recent, keys: ['load', 'batch'], maxGap: 30_000 });
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 text-[13px] text-muted-foreground">
        <b className="font-medium text-foreground">{view.edge.name}</b> in {view.site.name}
        <Badge tone={view.inSync ? 'ok' : 'warn'}>{view.inSync ? 'policy applied' : 'applying the policy'}</Badge>
        <span>
          reported <Ago time={view.lastSeenAt} />
        </span>
      </p>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] *:min-w-0">
        <Card>
          <CardHeader title="Policy" description="Applied by the edge without a restart." />
          <CardContent>
            <PolicyForm view={view} />
          </CardContent>
        </Card>
        <div className="grid gap-5 *:min-w-0">
          <EquationCard view={view} load={latest.load} batch={latest.batch} />
          <WhatIfCard edgeId={view.edge.id} alpha={view.policy.alpha} />
        </div>
      </div>
      <Card>
        <CardHeader title="Load and batch, last 10 minutes" description="When faces come, the batch shrinks." />
        <CardContent>
          <TimeChart
            label="Load of the edge, training batch and alpha"
            points={points}
            from={from}
            to={to}
            maxGap={20_000}
            series={[
              { key: 'load', label: 'Load', digits: 2, color: 1 },
              { key: 'alpha', label: 'α', digits: 2, color: 3, dash: '2 3', step: true },
              {
                key: 'batch',
                label: 'B_t',
                unit: 'triplets',
                digits: 1,
                color: 2,
                right: true,
                dash: '6 3',
                step: true,
              },
            ]}
          />
        </CardContent>
      </Card>
    </>
  );
}
