'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleX } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { Stat, StatRow } from '../../components/data/stat.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { runLooks, StatusBadge } from '../../components/data/status.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatCount, formatDateTime, formatDuration, formatNumber, formatShare } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useMay } from '../session/index.ts';
import { preparePretraining } from './prepare-pretraining.ts';

type Detail = RouterOutputs['pretraining']['get'];

const isOpen = ({ status }: Pick<Detail, 'status'>) => status === 'queued' || status === 'running';

export function PretrainingPage({ pretrainingId }: { pretrainingId: string }) {
  const trpc = useTRPC();
  const found = useQuery(
    trpc.pretraining.get.queryOptions(
      { id: pretrainingId },
      { refetchInterval: (query) => (query.state.data && !isOpen(query.state.data) ? 30_000 : 2000) },
    ),
  );
  return <QueryState query={found}>{(data) => <Loaded run={data} />}</QueryState>;
}

function Loaded({ run }: { run: Detail }) {
  const now = useNow();
  const { curve, lastLoss, bestHeldOut, from, to } = preparePretraining(run, Math.floor(now / 5000) * 5000);
  const took = run.startedAt === null ? null : (run.endedAt ?? Math.max(now, run.startedAt)) - run.startedAt;
  const { backbone, head, width, inputSize, epochs, batchSize, learningRate } = run.settings;
  return (
    <>
      <Crumbs trail={[{ label: run.name }]} />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">{run.name}</span>
            <span role="status">
              <StatusBadge look={runLooks[run.status]} />
            </span>
          </>
        }
        description={`${backbone} with ${head} on ${run.folder}, width ${width}, ${inputSize} pixels, batch ${batchSize}, learning rate ${learningRate}; begun ${formatDateTime(run.createdAt)} by ${run.requestedBy}`}
        actions={
          <>
            {run.baseModelId && (
              <Button asChild variant="outline">
                <Link href="/models">Base models</Link>
              </Button>
            )}
            <Cancel run={run} />
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
      {run.note && <p className="text-[13px] text-muted-foreground">{run.note}</p>}
      <StatRow>
        <Stat label="Epoch" value={`${run.epoch} of ${epochs}`} />
        <Stat label="Step" value={`${formatCount(run.step)} of ${formatCount(run.steps)}`} />
        <Stat label="Loss now" value={formatNumber(lastLoss, 3)} />
        <Stat label="Held-out accuracy" value={formatShare(bestHeldOut)} note="best epoch so far" />
        <Stat label="Speed" value={formatNumber(run.picturesPerSecond, 1)} unit="pictures/s" />
        <Stat label={isOpen(run) ? 'Running for' : 'Took'} value={formatDuration(took)} />
      </StatRow>
      <Card>
        <CardHeader
          title="Loss and accuracy"
          description="Accuracy is verification of people the network has never seen, at the end of each epoch."
        />
        <CardContent>
          <TimeChart
            label="Pre-training loss and held-out accuracy"
            points={curve}
            from={from}
            to={to}
            maxGap={24 * 3_600_000}
            connect
            emptyText="The first steps appear here."
            series={[
              { key: 'loss', label: 'Loss', digits: 3, color: 1 },
              { key: 'heldOut', label: 'Held-out accuracy', digits: 4, color: 4, right: true, dots: true },
            ]}
          />
        </CardContent>
      </Card>
      {run.skipped.length > 0 && (
        <Card>
          <CardHeader title="Left out" description="Pictures and folders that could not be used." />
          <CardContent>
            <ul className="grid max-h-72 gap-1 overflow-y-auto text-[13px]">
              {run.skipped.map((line) => (
                <li key={line} className="break-all text-muted-foreground">
                  {line}
                </li>
              ))}
            </ul>
          </CardContent>
        </Card>
      )}
    </>
  );
}

function Cancel({ run }: { run: Detail }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMay('policy.write');
  const cancel = useMutation(trpc.pretraining.cancel.mutationOptions());
  if (!may || !isOpen(run)) return null;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger">
          <CircleX aria-hidden />
          Cancel
        </Button>
      }
      title="Cancel this pre-training?"
      description="What it learnt so far is thrown away, its checkpoint included."
      confirmLabel="Cancel pre-training"
      danger
      onConfirm={async () => {
        await cancel.mutateAsync({ id: run.id });
        await client.invalidateQueries(trpc.pretraining.pathFilter());
      }}
    />
  );
}
