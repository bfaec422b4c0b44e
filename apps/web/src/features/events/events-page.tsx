'use client';

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Activity, Download, FilterX } from 'lucide-react';
import { useTRPC } from '@/lib/trpc/client';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { useMay } from '../session/index.ts';
import { EventFilterBar } from './event-filter-bar.tsx';
import { exportUrl, toQuery } from './event-filters.ts';
import { EventSheet } from './event-sheet.tsx';
import { EventTable } from './event-table.tsx';
import { useEventAddress } from './use-event-address.ts';

export function EventsPage() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mayExport = useMay('event.export');
  const { filters, openId, change, clear, open } = useEventAddress();

  const list = trpc.events.list.infiniteQueryOptions(
    { ...toQuery(filters), limit: 100 },
    {
      getNextPageParam: (page) => page.nextCursor ?? undefined,
      // Fresh rows come in at the top; with more pages open the reader is looking back and is left in peace.
      refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 3000 : false),
    },
  );
  const events = useInfiniteQuery(list);

  const paused = (events.data?.pages.length ?? 0) > 1;
  /** Back to the first page, and so to the rows that come in. */
  const showNewest = async () => {
    // A page that is still on its way would bring the others back.
    await client.cancelQueries({ queryKey: list.queryKey, exact: true });
    client.setQueryData(
      list.queryKey,
      (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    await client.invalidateQueries({ queryKey: list.queryKey, exact: true });
  };

  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader
        title="Events"
        description="One line per track: who it was, how sure the model was, and which version said so."
        actions={
          mayExport && (
            <Button asChild variant="outline">
              <a href={exportUrl(filters)} download>
                <Download aria-hidden />
                Export CSV
              </a>
            </Button>
          )
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
                paused={paused}
                onNewest={() => void showNewest()}
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
