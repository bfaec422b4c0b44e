'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { Slider } from '../../components/ui/slider.tsx';
import { formatNumber } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

const MINUTE = 60_000;
const spans = [
  { minutes: 15, label: 'Last 15 minutes' },
  { minutes: 60, label: 'Last hour' },
  { minutes: 24 * 60, label: 'Last 24 hours' },
];

/** Replays the load that was against another alpha. */
export function WhatIfCard({ edgeId, alpha: current }: { edgeId: string; alpha: number }) {
  const trpc = useTRPC();
  const now = useNow();
  const [alpha, setAlpha] = useState(Math.min(10, current + 1));
  const [minutes, setMinutes] = useState(15);
  const deferred = useDeferredValue(alpha);
  const to = Math.floor(now / (15 * 1000)) * 15 * 1000;
  const from = to - minutes * MINUTE;
  const replay = useQuery({
    ...trpc.scheduling.whatIf.queryOptions({ edgeId, from, to, alpha: deferred, buckets: 120 }),
    enabled: now > 0,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });
  return (
    <Card>
      <CardHeader title="What if alpha were different?" description="The same load, replayed through Eq. 2." />
      <CardContent className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_11rem]">
          <div className="grid content-start gap-1.5">
            <span className="flex items-baseline justify-between text-[13px] font-medium">
              Other alpha <span className="tabular">{alpha.toFixed(1)}</span>
            </span>
            <span className="flex h-9 items-center">
              <Slider
                aria-label="Other alpha"
                min={0}
                max={10}
                step={0.1}
                value={[alpha]}
                onValueChange={([value]) => setAlpha(value)}
              />
            </span>
          </div>
          <Field label="Time">
            {(control) => (
              <Select {...control} value={minutes} onChange={(e) => setMinutes(Number(e.target.value))}>
                {spans.map((span) => (
                  <option key={span.minutes} value={span.minutes}>
                    {span.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <QueryState query={replay}>
          {(data) => (
            <>
              <TimeChart
                label={`Training batch as it was and with alpha ${deferred.toFixed(1)}`}
                points={data.points.map((p) => ({ time: p.time, values: { batch: p.batch, whatIf: p.whatIf } }))}
                from={from}
                to={to}
                maxGap={Math.max(30_000, data.bucketMs * 3)}
                className="h-40"
                series={[
                  { key: 'batch', label: 'As it was', unit: 'triplets', color: 2, step: true },
                  {
                    key: 'whatIf',
                    label: `α ${deferred.toFixed(1)}`,
                    unit: 'triplets',
                    color: 3,
                    dash: '5 3',
                    step: true,
                  },
                ]}
              />
              <p className="tabular text-[13px]">
                Mean batch {formatNumber(data.meanBatch)} as it was, {formatNumber(data.meanWhatIf)} with alpha{' '}
                {deferred.toFixed(1)}.
              </p>
            </>
          )}
        </QueryState>
      </CardContent>
    </Card>
  );
}
