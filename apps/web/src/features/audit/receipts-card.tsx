'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { formatCount, formatDateTime } from '../../lib/format.ts';
import { describeEdges } from './describe-edges.ts';

type Receipt = RouterOutputs['identities']['receipts'][number];

/** Proof of every erasure, without the name of the erased. */
export function ReceiptsCard() {
  const trpc = useTRPC();
  const receipts = useQuery(trpc.identities.receipts.queryOptions());
  return (
    <Card>
      <CardHeader
        title="Erasure receipts"
        description="What was deleted on request, and which versions had learnt from it."
      />
      <QueryState
        query={receipts}
        isEmpty={(list) => list.length === 0}
        empty={<p className="px-4 pb-4 text-[13px] text-muted-foreground">Nobody has been erased.</p>}
      >
        {(list) => <DataTable label="Erasure receipts" rows={list} columns={columns} rowKey={(r) => r.id} />}
      </QueryState>
    </Card>
  );
}

const columns: Column<Receipt>[] = [
  {
    id: 'id',
    header: 'Number',
    cell: (r) => (
      <code className="font-mono text-xs break-all" title={`identity ${r.identityId}`}>
        {r.id}
      </code>
    ),
  },
  { id: 'at', header: 'When', sort: (r) => r.erasedAt, cell: (r) => formatDateTime(r.erasedAt) },
  { id: 'by', header: 'Who', sort: (r) => r.requestedBy, cell: (r) => r.requestedBy },
  { id: 'reason', header: 'Reason', className: 'max-w-72 break-words', cell: (r) => r.reason },
  { id: 'pictures', header: 'Pictures', align: 'right', cell: (r) => formatCount(r.pictures) },
  { id: 'crops', header: 'Crops', align: 'right', cell: (r) => formatCount(r.crops) },
  { id: 'templates', header: 'Templates', align: 'right', cell: (r) => formatCount(r.templates) },
  { id: 'events', header: 'Events', align: 'right', cell: (r) => formatCount(r.events) },
  {
    id: 'edges',
    header: 'Edges',
    className: 'max-w-56 break-words',
    cell: (r) => {
      const { open, done } = describeEdges(r);
      return (
        done ?? (
          <span className="flex flex-wrap gap-1 max-md:justify-end">
            {open.map((text) => (
              <Badge key={text} tone="warn" className="whitespace-normal">
                {text}
              </Badge>
            ))}
          </span>
        )
      );
    },
  },
  {
    id: 'versions',
    header: 'Versions',
    cell: (r) =>
      r.versions.map((v) => `${v.label} (${v.scenarioName}${v.retired ? ', retired' : ''})`).join(', ') || 'none',
  },
];
