'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Search, Users } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { FaceCrop } from '../../components/data/face-crop.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardFooter } from '../../components/ui/card.tsx';
import { Input } from '../../components/ui/input.tsx';
import { hasEnded } from '../../lib/consent.ts';
import { formatDate, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

type Row = RouterOutputs['identities']['list']['items'][number];

/** People of one gallery, or of all, found by name. */
export function IdentityList({ galleryId, action }: { galleryId?: string; action?: ReactNode }) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const deferred = useDeferredValue(search.trim());
  const people = useInfiniteQuery(
    trpc.identities.list.infiniteQueryOptions(
      { limit: 50, ...(galleryId ? { galleryId } : {}), ...(deferred ? { search: deferred } : {}) },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
        <h2 className="text-sm font-semibold">
          People <span className="tabular font-normal text-muted-foreground">{people.data?.pages[0]?.total ?? ''}</span>
        </h2>
        <div className="relative w-full sm:w-64">
          <Search
            className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
            aria-hidden
          />
          <Input
            type="search"
            aria-label="Search people by name"
            placeholder="Search by name"
            className="pl-8"
            value={search}
            onChange={(e) => setSearch(e.target.value)}
          />
        </div>
      </div>
      <QueryState
        query={people}
        isEmpty={(data) => data.pages[0].items.length === 0}
        empty={
          deferred ? (
            <EmptyState icon={Search} title={`Nobody called “${deferred}”`}>
              Try a part of the name.
            </EmptyState>
          ) : (
            <EmptyState icon={Users} title="Nobody is enrolled yet" action={action}>
              Enrol a person who agreed to it: name, consent and a few pictures. Cameras recognise them seconds later.
            </EmptyState>
          )
        }
      >
        {(data) => {
          const rows = data.pages.flatMap((page) => page.items);
          return (
            <>
              <DataTable label="People" rows={rows} columns={columns} rowKey={(row) => row.id} />
              {people.hasNextPage && (
                <CardFooter className="justify-between text-[13px] text-muted-foreground">
                  {plural(rows.length, 'person', 'people')} shown
                  <Button
                    variant="outline"
                    size="sm"
                    pending={people.isFetchingNextPage}
                    onClick={() => void people.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </CardFooter>
              )}
            </>
          );
        }}
      </QueryState>
    </Card>
  );
}

function ConsentEnd({ at }: { at: number | null }) {
  const now = useNow();
  if (at === null) return 'no end';
  if (hasEnded(at, now)) return <Badge tone="danger">Expired {formatDate(at)}</Badge>;
  return formatDate(at);
}

const columns: Column<Row>[] = [
  {
    id: 'name',
    header: 'Name',
    sort: (row) => row.name,
    cell: (row) => (
      <Link
        href={`/identities/${row.id}`}
        className="flex w-fit max-w-full items-center gap-3 font-medium underline-offset-4 hover:underline"
      >
        <FaceCrop src={row.pictureUrl} alt="" className="size-9" />
        <span className="max-w-72 truncate" title={row.name}>
          {row.name}
        </span>
      </Link>
    ),
  },
  {
    id: 'galleries',
    header: 'Galleries',
    cell: (row) => (
      <span className="flex flex-wrap gap-1 max-md:justify-end">
        {row.galleries.map((g) => (
          <Badge key={g.id}>{g.name}</Badge>
        ))}
      </span>
    ),
  },
  {
    id: 'pictures',
    header: 'Pictures',
    sort: (row) => row.images.accepted,
    cell: (row) => (
      <span className="inline-flex flex-wrap items-center gap-1.5 max-md:justify-end">
        {row.images.accepted} accepted
        {row.images.pending > 0 && <Badge>{row.images.pending} checking</Badge>}
        {row.images.rejected > 0 && <Badge tone="danger">{row.images.rejected} rejected</Badge>}
      </span>
    ),
  },
  {
    id: 'consent',
    header: 'Consent until',
    sort: (row) => row.consentExpiresAt,
    cell: (row) => <ConsentEnd at={row.consentExpiresAt} />,
  },
  { id: 'seen', header: 'Last seen', sort: (row) => row.lastSeenAt, cell: (row) => <Ago time={row.lastSeenAt} /> },
];
