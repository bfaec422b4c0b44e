'use client';

import { useQuery } from '@tanstack/react-query';
import { Sprout } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { runLooks, StatusBadge } from '../../components/data/status.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { formatCount, formatShare } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { PretrainDialog } from './pretrain-dialog.tsx';

export type Pretraining = RouterOutputs['pretraining']['list']['items'][number];

/** Base models that are trained from nothing on this server. */
export function PretrainingsCard() {
  const trpc = useTRPC();
  const canWrite = useMay('policy.write');
  const list = useQuery(trpc.pretraining.list.queryOptions(undefined, { refetchInterval: 3000 }));
  const start = canWrite && list.data && <PretrainDialog folders={list.data.folders} root={list.data.root} />;
  return (
    <Card>
      <CardHeader
        title="Pre-training"
        description="A base model from nothing, on a labelled folder of this server."
        actions={start}
      />
      <QueryState
        query={list}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={Sprout} title="No pre-training yet">
            Copy pictures as one folder a person to {list.data?.root ?? 'the server'}; a run takes hours to days and
            goes on after a restart.
          </EmptyState>
        }
      >
        {({ items }) => <DataTable label="Pre-trainings" rows={items} columns={columns} rowKey={(row) => row.id} />}
      </QueryState>
    </Card>
  );
}

const columns: Column<Pretraining>[] = [
  {
    id: 'name',
    header: 'Name',
    className: 'max-w-72',
    cell: (row) => (
      <Link
        href={`/models/pretraining/${row.id}`}
        className="font-medium break-words text-primary underline-offset-4 hover:underline"
      >
        {row.name}
      </Link>
    ),
  },
  { id: 'status', header: 'Status', cell: (row) => <StatusBadge look={runLooks[row.status]} /> },
  { id: 'network', header: 'Network', cell: (row) => `${row.settings.backbone}, ${row.settings.head}` },
  { id: 'folder', header: 'Folder', className: 'max-w-60 break-words', cell: (row) => row.folder },
  {
    id: 'progress',
    header: 'Progress',
    align: 'right',
    cell: (row) =>
      row.steps > 0
        ? `${formatCount(row.step)} of ${formatCount(row.steps)} (${formatShare(row.step / row.steps, 0)})`
        : row.note,
  },
  { id: 'at', header: 'Begun', cell: (row) => <Ago time={row.createdAt} /> },
];
