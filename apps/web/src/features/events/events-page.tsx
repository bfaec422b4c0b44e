'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Activity, Download, FilterX } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useTRPC } from '@/lib/trpc/client';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EventFilterBar } from './event-filter-bar.tsx';
import { exportUrl, type Filters, filterKeys, readFilters, toQuery } from './event-filters.ts';
import { EventSheet } from './event-sheet.tsx';
import { EventTable } from './event-table.tsx';

export function EventsPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const filters = readFilters(params);
  const openId = params.get('event');

  const events = useInfiniteQuery(
    trpc.events.list.infiniteQueryOptions(
      { ...toQuery(filters), limit: 100 },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        // Fresh rows come in at the top; with more pages open the reader is looking back and is left in peace.
        refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 3000 : false),
      },
    ),
  );

  const go = (next: URLSearchParams) => {
    const text = next.toString();
    router.replace(text ? `${pathname}?${text}` : pathname, { scroll: false });
  };
  const change = (changes: Filters) => {
    const next = new URLSearchParams(params);
    for (const [key, value] of Object.entries(changes)) {
      if (value) next.set(key, value);
      else next.delete(key);
    }
    if ('scenarioId' in changes) next.delete('versionId');
    go(next);
  };
  const clear = () => {
    const next = new URLSearchParams(params);
    for (const key of filterKeys) next.delete(key);
    go(next);
  };
  const open = (id: string | null) => {
    const next = new URLSearchParams(params);
    if (id) next.set('event', id);
    else next.delete('event');
    go(next);
  };

  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader
        title="Events"
        description="One line per track: who it was, how sure the model was, and which version said so."
        actions={
          <Button asChild variant="outline">
            <a href={exportUrl(filters)} download>
              <Download aria-hidden />
              Export CSV
            </a>
          </Button>
        }
      />
      <Card>
        <EventFilterBar filters={filters} onChange={change} onClear={clear} />
        <div className="border-t border-border">
          <QueryState
            query={events}
            isEmpty={(data) => data.pages[0].items.length === 0}
            empty={
              filtered ? (
                <EmptyState
                  icon={FilterX}
                  title="No event matches these filters"
                  action={
                    <Button variant="outline" onClick={clear}>
                      Clear filters
                    </Button>
                  }
                >
                  Widen the time or take a filter away.
                </EmptyState>
              ) : (
                <EmptyState icon={Activity} title="No event yet">
                  An event appears when a person has walked past a connected camera long enough for a decision. Check
                  under Live that faces are found.
                </EmptyState>
              )
            }
          >
            {(data) => (
              <EventTable
                events={data.pages.flatMap((page) => page.items)}
                hasMore={events.hasNextPage}
                loadingMore={events.isFetchingNextPage}
                onMore={() => void events.fetchNextPage()}
                onOpen={open}
              />
            )}
          </QueryState>
        </div>
      </Card>
      <EventSheet eventId={openId} onClose={() => open(null)} />
    </>
  );
}
