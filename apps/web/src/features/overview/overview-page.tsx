'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { Stat, StatRow } from '../../components/data/stat.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { cn } from '../../lib/cn.ts';
import { formatCount, formatGain, formatNumber, formatShare, plural } from '../../lib/format.ts';
import { EdgeActivity } from './edge-activity.tsx';
import { FirstSteps } from './first-steps.tsx';
import { prepareErrorCut, prepareTotals } from './prepare-overview.ts';

type Site = RouterOutputs['overview']['get']['sites'][number];

export function OverviewPage() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.overview.get.queryOptions(undefined, { refetchInterval: 3000 }));
  return (
    <>
      <PageHeader title="Overview" description="All sites: what the cameras see and how well their models do." />
      <FirstSteps />
      <QueryState
        query={overview}
        loading={<Skeleton className="h-24" />}
        isEmpty={(data) => data.sites.length === 0}
        empty={null}
      >
        {({ sites, alerts }) => <Sites sites={sites} alerts={alerts} />}
      </QueryState>
    </>
  );
}

function Sites({ sites, alerts: general }: { sites: Site[]; alerts: Site['alerts'] }) {
  const totals = prepareTotals(sites);
  const cut = prepareErrorCut(sites);
  const alerts = [...general, ...sites.flatMap((site) => site.alerts)];
  const camerasDown = totals.cameras.total - totals.cameras.up;
  return (
    <>
      <StatRow>
        <Stat
          label="Cameras up"
          value={`${totals.cameras.up} of ${totals.cameras.total}`}
          note={camerasDown > 0 ? `${plural(camerasDown, 'camera')} down` : 'All playing'}
          href="/live"
        />
        <Stat
          label="Edges up"
          value={`${totals.edges.up} of ${totals.edges.total}`}
          note={totals.edges.up < totals.edges.total ? 'See Fleet' : 'All reporting'}
          href="/fleet"
        />
        <Stat
          label="Recognition now"
          value={formatNumber(totals.probesPerSecond, 1)}
          unit="probes/s"
          note="All edges"
          href="/scheduling"
        />
        <Stat
          label="Recognised"
          value={formatCount(totals.recognised)}
          note="Last 24 hours"
          href="/events?decision=recognised"
        />
        <Stat
          label="Unknown"
          value={formatCount(totals.unknown)}
          note="Last 24 hours"
          href="/events?decision=unknown"
        />
        <Stat
          label="Training now"
          value={formatCount(totals.trainingRunning)}
          note={totals.trainingRunning === 0 ? 'Idle' : 'On spare capacity'}
          href="/training"
        />
        <Stat
          label="Mean error"
          value={cut ? formatShare(cut.now) : '–'}
          note={cut ? `Base model ${formatShare(cut.base)}` : 'Not measured yet'}
          href="/scenarios"
        />
      </StatRow>
      <div className="grid gap-5 xl:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)] *:min-w-0">
        <ScenarioTable sites={sites} />
        <Alerts alerts={alerts} />
      </div>
      <EdgeActivity />
    </>
  );
}

type ScenarioRow = Site['scenarios'][number] & { site: string };

const scenarioColumns: Column<ScenarioRow>[] = [
  {
    id: 'name',
    header: 'Scenario',
    sort: (s) => s.name,
    cell: (s) => (
      <Link href={`/scenarios/${s.id}`} className="font-medium text-primary underline-offset-4 hover:underline">
        {s.name}
      </Link>
    ),
  },
  { id: 'site', header: 'Site', sort: (s) => s.site, cell: (s) => s.site },
  {
    id: 'version',
    header: 'Model in use',
    cell: (s) => (s.version ? <Badge tone="accent">{s.version.label}</Badge> : 'none'),
  },
  {
    id: 'base',
    header: 'Base accuracy',
    align: 'right',
    sort: (s) => s.baseAccuracy,
    cell: (s) => formatShare(s.baseAccuracy),
  },
  {
    id: 'now',
    header: 'Accuracy now',
    align: 'right',
    sort: (s) => s.accuracy,
    cell: (s) => <b className="font-semibold">{formatShare(s.accuracy)}</b>,
  },
  {
    id: 'gain',
    header: 'Gain',
    align: 'right',
    cell: (s) => {
      const gain = s.accuracy !== null && s.baseAccuracy !== null ? s.accuracy - s.baseAccuracy : null;
      return (
        <span className={cn(gain !== null && gain > 0 && 'text-ok', gain !== null && gain < 0 && 'text-danger')}>
          {formatGain(gain)}
        </span>
      );
    },
  },
];

function ScenarioTable({ sites }: { sites: Site[] }) {
  const rows = sites.flatMap((site) => site.scenarios.map((s) => ({ ...s, site: site.name })));
  return (
    <Card>
      <CardHeader
        title="Accuracy now against base"
        description="Verification accuracy that the edge measures on tracks it did not learn from."
      />
      {rows.length === 0 ? (
        <CardContent className="text-[13px] text-muted-foreground">
          No scenario yet. Create one under{' '}
          <Link href="/scenarios" className="text-primary underline underline-offset-4">
            Scenarios
          </Link>
          .
        </CardContent>
      ) : (
        <DataTable
          label="Accuracy by scenario"
          rows={rows}
          columns={scenarioColumns}
          rowKey={(s) => s.id}
          initialSort={{ id: 'name', desc: false }}
        />
      )}
    </Card>
  );
}

function Alerts({ alerts }: { alerts: Site['alerts'] }) {
  return (
    <Card aria-labelledby="alerts-title">
      <CardHeader
        id="alerts-title"
        title="Alerts"
        actions={alerts.length > 0 && <Badge tone="danger">{alerts.length}</Badge>}
      />
      <div role="status" className="pb-2">
        {alerts.length === 0 ? (
          <p className="flex items-center gap-2 px-4 pb-2 text-[13px] text-muted-foreground">
            <CircleCheck className="size-4 shrink-0 text-ok" aria-hidden />
            Nothing needs you.
          </p>
        ) : (
          <ul>
            {alerts.map((alert) => (
              <li key={`${alert.href} ${alert.message}`}>
                <Link
                  href={alert.href}
                  className="flex gap-2.5 px-4 py-2 hover:bg-accent focus-visible:outline-offset-[-2px]"
                >
                  {alert.severity === 'error' ? (
                    <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-label="Error" />
                  ) : (
                    <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-label="Warning" />
                  )}
                  <span className="min-w-0 text-[13px]">
                    <span className="block break-words">{alert.message}</span>
                    <span className="block break-words text-muted-foreground">{alert.remedy}</span>
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
