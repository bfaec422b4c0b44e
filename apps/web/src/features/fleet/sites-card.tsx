'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2, Pencil, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { describeContents } from '../../lib/describe-contents.ts';
import { useMay } from '../session/index.ts';
import { SiteDialog } from './create-dialogs.tsx';

type Site = RouterOutputs['sites']['list'][number];

export function SitesCard() {
  const trpc = useTRPC();
  const sites = useQuery(trpc.sites.list.queryOptions(undefined, { refetchInterval: 10_000 }));
  return (
    <Card>
      <CardHeader title="Sites" description="Places, each with its cameras, scenarios and edges." />
      <QueryState
        query={sites}
        isEmpty={(list) => list.length === 0}
        empty={
          <EmptyState icon={Building2} title="No site yet">
            Create one for each place with cameras and an edge of its own.
          </EmptyState>
        }
      >
        {(list) => <DataTable label="Sites" rows={list} columns={columns} rowKey={(s) => s.id} />}
      </QueryState>
    </Card>
  );
}

function SiteActions({ site }: { site: Site }) {
  const may = useMay('fleet.write');
  if (!may) return null;
  return (
    <span className="inline-flex justify-end gap-2">
      <SiteDialog
        site={site}
        trigger={
          <Button variant="outline" size="icon-sm" aria-label={`Edit ${site.name}`}>
            <Pencil aria-hidden />
          </Button>
        }
      />
      <DeleteSite site={site} />
    </span>
  );
}

function DeleteSite({ site }: { site: Site }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(trpc.sites.delete.mutationOptions());
  const contents = describeContents(site);
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="icon-sm" aria-label={`Delete ${site.name}`}>
          <Trash2 aria-hidden />
        </Button>
      }
      title={contents ? `${site.name} cannot be deleted yet` : `Delete ${site.name}?`}
      description={
        contents
          ? 'Only an empty site can be deleted.'
          : 'It is empty. Enrolment tokens that were made for it go with it; what was done here stays in the audit log.'
      }
      confirmLabel="Delete site"
      danger
      blocked={
        contents && (
          <>
            <p className="font-medium break-words">It still has {contents}.</p>
            <p>
              Delete its cameras and edges here under Fleet, and its scenarios under{' '}
              <Link href="/scenarios" className="text-primary underline underline-offset-4">
                Scenarios
              </Link>
              . Cameras come first: scenarios and edges stay while a camera belongs to them.
            </p>
          </>
        )
      }
      onConfirm={async () => {
        await remove.mutateAsync({ id: site.id });
        await client.invalidateQueries();
        toast.success(`${site.name} deleted`);
      }}
    />
  );
}

const columns: Column<Site>[] = [
  {
    id: 'name',
    header: 'Site',
    sort: (s) => s.name,
    className: 'max-w-72 break-words',
    cell: (s) => <span className="font-medium">{s.name}</span>,
  },
  { id: 'zone', header: 'Time zone', sort: (s) => s.timeZone, cell: (s) => s.timeZone },
  { id: 'edges', header: 'Edges', align: 'right', sort: (s) => s.edges, cell: (s) => s.edges },
  { id: 'cameras', header: 'Cameras', align: 'right', sort: (s) => s.cameras, cell: (s) => s.cameras },
  { id: 'scenarios', header: 'Scenarios', align: 'right', sort: (s) => s.scenarios, cell: (s) => s.scenarios },
  { id: 'actions', header: 'Actions', hideHeader: true, align: 'right', cell: (s) => <SiteActions site={s} /> },
];
