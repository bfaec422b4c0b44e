'use client';

import { useQuery } from '@tanstack/react-query';
import { BrainCircuit } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card } from '../../components/ui/card.tsx';
import { MISSING, plural } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { NewScenarioDialog } from './new-scenario-dialog.tsx';

type Row = RouterOutputs['scenarios']['list'][number];

export function ScenariosPage() {
  const trpc = useTRPC();
  const canWrite = useMay('policy.write');
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}, { refetchInterval: 10_000 }));
  return (
    <>
      <PageHeader
        title="Scenarios"
        description="Cameras with a similar view share one adapted model. It learns from their tracks and can be rolled back."
        actions={canWrite && <NewScenarioDialog />}
      />
      <Card>
        <QueryState
          query={scenarios}
          isEmpty={(list) => list.length === 0}
          empty={
            <EmptyState icon={BrainCircuit} title="No scenario yet" action={canWrite && <NewScenarioDialog />}>
              Create one for each kind of view, such as a corridor or an entrance; then add cameras to it under Fleet.
            </EmptyState>
          }
        >
          {(list) => (
            <DataTable
              label="Scenarios"
              rows={list}
              columns={columns}
              rowKey={(s) => s.id}
              initialSort={{ id: 'name', desc: false }}
            />
          )}
        </QueryState>
      </Card>
    </>
  );
}

const columns: Column<Row>[] = [
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
  { id: 'site', header: 'Site', sort: (s) => s.site.name, cell: (s) => s.site.name },
  {
    id: 'champion',
    header: 'Champion',
    cell: (s) => (s.aliases.champion ? <Badge tone="ok">{s.aliases.champion.label}</Badge> : 'none'),
  },
  { id: 'previous', header: 'Previous', cell: (s) => s.aliases.previous?.label ?? MISSING },
  { id: 'versions', header: 'Versions', align: 'right', sort: (s) => s.versions, cell: (s) => s.versions },
  {
    id: 'learning',
    header: 'Learning',
    cell: (s) =>
      s.learning.enabled ? (
        <Badge tone="accent">{s.learning.autoPromote ? 'on, promotes itself' : 'on, waits for you'}</Badge>
      ) : (
        <Badge>off</Badge>
      ),
  },
  {
    id: 'cameras',
    header: 'Cameras',
    sort: (s) => s.cameras.length,
    cell: (s) => <span title={s.cameras.map((c) => c.name).join(', ')}>{plural(s.cameras.length, 'camera')}</span>,
  },
  {
    id: 'galleries',
    header: 'Watches',
    cell: (s) => s.galleries.map((g) => g.name).join(', ') || <Badge tone="warn">no gallery</Badge>,
  },
];
