'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { PageHeader } from '../../components/data/page-header.tsx';
import { Stat, StatRow } from '../../components/data/stat.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { runLooks, StatusBadge } from '../../components/data/status.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import {
  formatCount,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatShare,
  formatShortTime,
  MISSING,
} from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { RunActions } from './run-actions.tsx';
import { RunCharts } from './run-charts.tsx';
import { TripletGallery } from './triplet-gallery.tsx';
import { Verdict } from './verdict.tsx';

type Run = RouterOutputs['training']['get'];

const isOpen = (status: Run['status']) => status === 'queued' || status === 'running' || status === 'paused';

export function RunPage({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const run = useQuery(
    trpc.training.get.queryOptions(
      { id: runId },
      { refetchInterval: (query) => (query.state.data && !isOpen(query.state.data.status) ? 15_000 : 1500) },
    ),
  );
  return <QueryState query={run}>{(data) => <Loaded run={data} />}</QueryState>;
}

function Loaded({ run }: { run: Run }) {
  const now = useNow();
  const parent = run.parent?.label ?? 'the version before';
  const candidate = run.candidate?.label ?? 'the candidate';
  const lastBatch = run.points[run.points.length - 1]?.batch ?? null;
  const took = run.startedAt === null ? null : (run.endedAt ?? Math.max(now, run.startedAt)) - run.startedAt;
  return (
    <>
      <Crumbs trail={[{ label: `${run.scenario.name}, ${formatShortTime(run.queuedAt)}` }]} />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">Training {run.scenario.name}</span>
            <span role="status">
              <StatusBadge look={runLooks[run.status]} />
            </span>
          </>
        }
        description={`From ${parent} on ${run.edge?.name ?? 'an edge that was deleted'}, queued ${formatDateTime(run.queuedAt)}${run.reason ? `: ${run.reason}` : ''}`}
        actions={
          <>
            <Button asChild variant="outline">
              <Link href={`/scenarios/${run.scenario.id}`}>Versions</Link>
            </Button>
            <RunActions run={run} />
          </>
        }
      />
      {run.error && (
        <p
          role="alert"
          className="rounded-md border border-danger/35 bg-danger/8 px-3 py-2 text-[13px] break-words text-danger"
        >
          {run.error}
        </p>
      )}
      <StatRow>
        <Stat label="Tracks" value={formatCount(run.tracks)} />
        <Stat label="Triplets" value={formatCount(run.triplets)} />
        <Stat label="Steps" value={formatCount(run.steps)} />
        <Stat label="Loss now" value={formatNumber(run.lastLoss, 4)} />
        <Stat label="Active share" value={formatShare(run.lastActiveShare, 0)} />
        <Stat label="Batch now" value={lastBatch === null ? MISSING : formatCount(lastBatch)} unit="triplets" />
        <Stat label={isOpen(run.status) ? 'Running for' : 'Took'} value={formatDuration(took)} />
      </StatRow>
      {run.verdict && (
        <Card>
          <CardHeader title="Gate" description={`May ${candidate} take the place of ${parent}?`} />
          <Verdict verdict={run.verdict} parent={parent} candidate={candidate} />
        </Card>
      )}
      <RunCharts run={run} points={run.points} />
      <Card>
        <CardHeader
          title="Triplets"
          description="The positive is the most different picture of the same track; the negative the most similar other face of the same frame."
        />
        <TripletGallery triplets={run.tripletExamples} />
      </Card>
    </>
  );
}
