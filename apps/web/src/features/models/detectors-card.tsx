'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { formatBytes, MISSING } from '../../lib/format.ts';

type Detector = RouterOutputs['models']['detectors'][number];

/** What finds the faces, before any recogniser sees them. */
export function DetectorsCard() {
  const trpc = useTRPC();
  const detectors = useQuery(trpc.models.detectors.queryOptions());
  return (
    <Card>
      <CardHeader title="Detectors" description="What finds the faces, on cameras and in enrolment pictures." />
      <QueryState query={detectors}>
        {(list) => <DataTable label="Detectors" rows={list} columns={columns} rowKey={(row) => row.id} />}
      </QueryState>
    </Card>
  );
}

const columns: Column<Detector>[] = [
  {
    id: 'name',
    header: 'Detector',
    sort: (row) => row.name,
    className: 'max-w-72',
    cell: (row) => (
      <span className="grid min-w-0">
        <span className="font-medium break-words">{row.name}</span>
        {row.source && <span className="text-xs break-words text-muted-foreground">{row.source}</span>}
      </span>
    ),
  },
  { id: 'family', header: 'Family', sort: (row) => row.family, cell: (row) => row.family },
  { id: 'licence', header: 'Licence', sort: (row) => row.licence, cell: (row) => row.licence ?? MISSING },
  { id: 'size', header: 'Size', align: 'right', sort: (row) => row.bytes, cell: (row) => formatBytes(row.bytes) },
  { id: 'added', header: 'Added', sort: (row) => row.createdAt, cell: (row) => <Ago time={row.createdAt} /> },
  {
    id: 'models',
    header: 'Used by',
    className: 'max-w-72',
    cell: (row) =>
      row.baseModels.length === 0 ? (
        <Badge>no base model</Badge>
      ) : (
        <span className="break-words">{row.baseModels.map(({ name }) => name).join(', ')}</span>
      ),
  },
];
