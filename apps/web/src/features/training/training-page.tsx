'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Gauge, Play } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { runLooks, StatusBadge } from '../../components/data/status.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardFooter } from '../../components/ui/card.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../../components/ui/dropdown-menu.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { errorText } from '../../lib/error-text.ts';
import { formatCount, formatDuration, formatGain, formatNumber, formatShare, MISSING } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useMay } from '../session/index.ts';
import { ModesCard } from './modes-card.tsx';
import type { RunView } from './run-actions.tsx';

const statuses = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;

export function TrainingPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const scenarioId = params.get('scenarioId') ?? '';
  const status = statuses.find((s) => s === params.get('status'));
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}));
  const runs = useInfiniteQuery(
    trpc.training.list.infiniteQueryOptions(
      { limit: 30, ...(scenarioId ? { scenarioId } : {}), ...(status ? { status } : {}) },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 2000 : false),
      },
    ),
  );
  const filter = (key: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(key, value);
    else next.delete(key);
    router.replace(`${pathname}?${next}`, { scroll: false });
  };
  return (
    <>
      <PageHeader
        title="Training"
        description="Runs on spare capacity of the edges, from tracks alone. A version goes live only if the gate finds it better."
        actions={<TrainNow scenarios={scenarios.data ?? []} />}
      />
      <Card>
        <search aria-label="Filter runs" className="grid grid-cols-2 gap-3 p-4 sm:flex sm:flex-wrap">
          <Field label="Scenario" className="sm:w-52">
            {(control) => (
              <Select {...control} value={scenarioId} onChange={(e) => filter('scenarioId', e.target.value)}>
                <option value="">All</option>
                {scenarios.data?.map((s) => (
                  <option key={s.id} value={s.id}>
                    {s.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Status" className="sm:w-40">
            {(control) => (
              <Select {...control} value={status ?? ''} onChange={(e) => filter('status', e.target.value)}>
                <option value="">All</option>
                {statuses.map((s) => (
                  <option key={s} value={s}>
                    {runLooks[s].label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </search>
        <div className="border-t border-border">
          <QueryState
            query={runs}
            isEmpty={(data) => data.pages[0].items.length === 0}
            empty={
              <EmptyState icon={Gauge} title={scenarioId || status ? 'No run matches' : 'No run yet'}>
                An always-on scenario starts a run when enough triplets wait: two people on one picture, each tracked
                for ten frames or more. “Train now” starts one at once.
              </EmptyState>
            }
          >
            {(data) => (
              <>
                <DataTable
                  label="Training runs"
                  rows={data.pages.flatMap((page) => page.items)}
                  columns={columns}
                  rowKey={(run) => run.id}
                />
                {runs.hasNextPage && (
                  <CardFooter>
                    <Button
                      variant="outline"
                      size="sm"
                      pending={runs.isFetchingNextPage}
                      onClick={() => void runs.fetchNextPage()}
                    >
                      Show more
                    </Button>
                  </CardFooter>
                )}
              </>
            )}
          </QueryState>
        </div>
      </Card>
      <ModesCard scenarios={scenarios.data ?? []} />
    </>
  );
}

function TrainNow({ scenarios }: { scenarios: { id: string; name: string }[] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMay('training.control');
  const train = useMutation(
    trpc.training.now.mutationOptions({
      onSuccess: ({ commands }) => {
        void client.invalidateQueries(trpc.training.pathFilter());
        toast.success(commands > 0 ? 'The edge has been told to train' : 'No edge serves this scenario');
      },
      onError: (error) => toast.error(error.message, { description: errorText(error).remedy ?? undefined }),
    }),
  );
  if (!may || scenarios.length === 0) return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button pending={train.isPending}>
          <Play aria-hidden />
          Train now
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {scenarios.map((scenario) => (
          <DropdownMenuItem key={scenario.id} onSelect={() => train.mutate({ scenarioId: scenario.id })}>
            {scenario.name}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function Took({ run }: { run: RunView }) {
  const now = useNow();
  if (run.startedAt === null) return MISSING;
  return formatDuration((run.endedAt ?? Math.max(now, run.startedAt)) - run.startedAt);
}

const columns: Column<RunView>[] = [
  {
    id: 'queued',
    header: 'Queued',
    sort: (run) => run.queuedAt,
    cell: (run) => (
      <Link href={`/training/${run.id}`} className="font-medium text-primary underline-offset-4 hover:underline">
        <Ago time={run.queuedAt} />
      </Link>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    sort: (run) => run.status,
    cell: (run) => <StatusBadge look={runLooks[run.status]} />,
  },
  { id: 'scenario', header: 'Scenario', sort: (run) => run.scenario.name, cell: (run) => run.scenario.name },
  {
    id: 'version',
    header: 'Version',
    cell: (run) => `${run.parent?.label ?? MISSING} → ${run.candidate?.label ?? MISSING}`,
  },
  {
    id: 'triplets',
    header: 'Triplets',
    align: 'right',
    sort: (run) => run.triplets,
    cell: (run) => formatCount(run.triplets),
  },
  { id: 'steps', header: 'Steps', align: 'right', sort: (run) => run.steps, cell: (run) => formatCount(run.steps) },
  {
    id: 'loss',
    header: 'Loss',
    align: 'right',
    sort: (run) => run.lastLoss,
    cell: (run) => formatNumber(run.lastLoss, 4),
  },
  {
    id: 'active',
    header: 'Active',
    align: 'right',
    sort: (run) => run.lastActiveShare,
    cell: (run) => formatShare(run.lastActiveShare, 0),
  },
  { id: 'took', header: 'Took', align: 'right', cell: (run) => <Took run={run} /> },
  {
    id: 'gate',
    header: 'Gate',
    cell: (run) =>
      run.verdict ? (
        <span className="inline-flex items-center gap-2" title={run.verdict.reason}>
          <Badge tone={run.verdict.passed ? 'ok' : 'warn'}>{run.verdict.passed ? 'Passed' : 'Held back'}</Badge>
          {run.verdict.gain && <span className="tabular">{formatGain(run.verdict.gain.mean)}</span>}
        </span>
      ) : (
        <span className="text-muted-foreground" title={run.error ?? run.reason ?? undefined}>
          {run.error ? 'failed' : MISSING}
        </span>
      ),
  },
];
