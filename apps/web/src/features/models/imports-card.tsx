'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { StatusBadge } from '../../components/data/status.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { formatBytes } from '../../lib/format.ts';

export type Import = RouterOutputs['models']['import'];

export const importLooks = {
  pending: { tone: 'accent', label: 'Being read', icon: LoaderCircle },
  ready: { tone: 'warn', label: 'Waits for you', icon: CircleCheck },
  refused: { tone: 'danger', label: 'Refused', icon: CircleX },
  confirmed: { tone: 'ok', label: 'Taken in', icon: CircleCheck },
} as const satisfies Record<Import['status'], unknown>;

/** Uploaded files that are nothing else yet. */
export function ImportsCard() {
  const trpc = useTRPC();
  const imports = useQuery(
    trpc.models.imports.queryOptions(undefined, {
      refetchInterval: (query) => (query.state.data?.some(({ status }) => status === 'pending') ? 1500 : 15_000),
    }),
  );
  if (!imports.data || imports.data.length === 0) return null;
  return (
    <Card>
      <CardHeader title="Uploads" description="Files on their way to a base model or a detector." />
      <DataTable label="Uploads" rows={imports.data} columns={columns} rowKey={(row) => row.id} />
    </Card>
  );
}

const columns: Column<Import>[] = [
  {
    id: 'file',
    header: 'File',
    className: 'max-w-72',
    cell: (row) => (
      <Link
        href={`/models/imports/${row.id}`}
        className="font-medium break-all text-primary underline-offset-4 hover:underline"
      >
        {row.fileName}
      </Link>
    ),
  },
  { id: 'status', header: 'Status', cell: (row) => <StatusBadge look={importLooks[row.status]} /> },
  {
    id: 'reason',
    header: 'Why',
    className: 'max-w-96',
    cell: (row) => row.reason && <span className="line-clamp-2 break-words">{row.reason}</span>,
  },
  { id: 'bytes', header: 'Size', align: 'right', cell: (row) => formatBytes(row.bytes) },
  { id: 'by', header: 'Who', cell: (row) => row.requestedBy },
  { id: 'at', header: 'When', cell: (row) => <Ago time={row.createdAt} /> },
];
