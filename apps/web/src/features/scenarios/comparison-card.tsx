'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { IntervalChart } from '../../components/charts/interval-chart.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../../components/ui/table.tsx';
import { formatCount, formatDistance, formatGain, formatShare, MISSING } from '../../lib/format.ts';
import { type Comparison, labelFreeIntervals } from './version-figures.ts';

/** Two versions beside each other: what the edge measured without labels, labelled sets, and what they did in use. */
export function ComparisonBody({ a, b }: { a: string; b: string }) {
  const trpc = useTRPC();
  const comparison = useQuery(trpc.versions.compare.queryOptions({ a, b }, { refetchInterval: 15_000 }));
  return <QueryState query={comparison}>{(data) => <Compared comparison={data} />}</QueryState>;
}

function Compared({ comparison }: { comparison: Comparison }) {
  const { a, b, labelFree, labelled, inUse } = comparison;
  const intervals = labelFreeIntervals(comparison);
  return (
    <div className="grid gap-5 px-4 pb-4 lg:grid-cols-2 *:min-w-0">
      <Part
        title="Without labels"
        help="Far-apart pictures of one track against pictures of two people in one frame, on tracks that learning did not see."
      >
        {intervals.length > 0 ? (
          <IntervalChart label="Label-free accuracy with 95 % intervals" intervals={intervals} />
        ) : (
          <p className="text-[13px] text-muted-foreground">Not measured yet: it comes with the first finished run.</p>
        )}
        <Gain comparison={comparison} />
        {labelFree.note && <p className="text-[13px] text-muted-foreground">{labelFree.note}</p>}
      </Part>
      <Part title="In use" help="Events on camera, decided by each version.">
        <Table aria-label="In use">
          <SideHeader a={a.label} b={b.label} />
          <TableBody>
            <SideRow name="Events" a={formatCount(inUse.a.events)} b={formatCount(inUse.b.events)} />
            <SideRow name="Recognised" a={formatCount(inUse.a.recognised)} b={formatCount(inUse.b.recognised)} />
            <SideRow
              name="Median distance"
              a={formatDistance(inUse.a.medianDistance)}
              b={formatDistance(inUse.b.medianDistance)}
            />
            <SideRow
              name="Threshold"
              a={formatDistance(a.effective.threshold)}
              b={formatDistance(b.effective.threshold)}
            />
          </TableBody>
        </Table>
      </Part>
      {labelled.length > 0 && (
        <div className="lg:col-span-2">
          <Part title="Labelled sets" help="Measured against the truth, with 95 % intervals where known.">
            <Table aria-label="Labelled sets">
              <SideHeader a={a.label} b={b.label} />
              <TableBody>
                {labelled.map((set) => (
                  <SideRow
                    key={set.dataset}
                    name={set.dataset}
                    a={<Evaluated evaluation={set.a} />}
                    b={<Evaluated evaluation={set.b} />}
                  />
                ))}
              </TableBody>
            </Table>
          </Part>
        </div>
      )}
    </div>
  );
}

function Gain({ comparison: { a, b, labelFree } }: { comparison: Comparison }) {
  const { gain } = labelFree;
  if (!gain) return null;
  const tone = gain.low > 0 ? 'ok' : gain.high < 0 ? 'danger' : 'neutral';
  const words = gain.low > 0 ? 'better' : gain.high < 0 ? 'worse' : 'not certainly different';
  return (
    <p className="flex flex-wrap items-center gap-2 text-[13px]">
      <Badge tone={tone}>{words}</Badge>
      <span className="tabular">
        {b.label} against {a.label}: <b className="font-semibold">{formatGain(gain.mean)}</b> [{formatGain(gain.low)},{' '}
        {formatGain(gain.high)}]
      </span>
    </p>
  );
}

function Part({ title, help, children }: { title: string; help: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="grid content-start gap-3">
      <div>
        <h3 className="text-[13px] font-semibold">{title}</h3>
        <p className="text-xs text-muted-foreground">{help}</p>
      </div>
      {children}
    </section>
  );
}

function SideHeader({ a, b }: { a: string; b: string }) {
  return (
    <TableHeader>
      <TableRow className="hover:bg-transparent">
        <TableHead className="pl-0">
          <span className="sr-only">Figure</span>
        </TableHead>
        <TableHead className="text-right">{a}</TableHead>
        <TableHead className="pr-0 text-right">{b}</TableHead>
      </TableRow>
    </TableHeader>
  );
}

function SideRow({ name, a, b }: { name: string; a: ReactNode; b: ReactNode }) {
  return (
    <TableRow>
      <TableCell className="pl-0 text-muted-foreground">{name}</TableCell>
      <TableCell className="text-right">{a}</TableCell>
      <TableCell className="pr-0 text-right">{b}</TableCell>
    </TableRow>
  );
}

function Evaluated({ evaluation }: { evaluation: Comparison['labelled'][number]['a'] }) {
  if (!evaluation) return MISSING;
  return (
    <span title={`${formatCount(evaluation.genuine)} genuine and ${formatCount(evaluation.impostor)} impostor pairs`}>
      <b className="font-semibold">{formatShare(evaluation.accuracy)}</b>
      {evaluation.low !== null && evaluation.high !== null && (
        <span className="block text-muted-foreground">
          [{formatShare(evaluation.low)}, {formatShare(evaluation.high)}]
        </span>
      )}
      <span className="block text-muted-foreground">TAR at FAR 1 %: {formatShare(evaluation.tarAtFar1e2)}</span>
    </span>
  );
}
