'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FaceCrop } from '../../components/data/face-crop.tsx';
import { faceLooks, StatusBadge } from '../../components/data/status.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { tableRoles } from '../../components/ui/table.tsx';
import { cn } from '../../lib/cn.ts';
import { formatBriefTime, formatDateTime, formatDistance, MISSING } from '../../lib/format.ts';
import { PausedNotice } from './paused-notice.tsx';

export type EventView = RouterOutputs['events']['get'];

interface EventTableProps {
  events: EventView[];
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
  /** Nothing new is asked for while more than the newest page is open. */
  paused: boolean;
  onNewest: () => void;
  onOpen: (id: string) => void;
}

const ROW_HEIGHT = 60;
/** On a phone the first three columns stay: picture, person, decision. */
const grid =
  'grid grid-cols-[2.75rem_minmax(0,1fr)_auto] items-center gap-x-3 px-4 md:grid-cols-[2.75rem_minmax(8rem,1.4fr)_7.5rem_minmax(7rem,1fr)_6.5rem_minmax(6rem,0.9fr)_11.5rem]';
const wide = 'hidden md:block';

export const reviewWords: Record<EventView['review'], string | null> = {
  none: null,
  confirmed: 'Confirmed',
  rejected: 'Not this person',
  assigned: 'Assigned',
};

/** Thousands of rows at the cost of the visible ones. */
export function EventTable({ events, hasMore, loadingMore, onMore, paused, onNewest, onOpen }: EventTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => events[index].id,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const lastShown = items[items.length - 1]?.index ?? -1;
  const nearEnd = lastShown >= events.length - 20;

  // The server, asked for the next page once the reader comes near the end of what is here.
  useEffect(() => {
    if (nearEnd && hasMore && !loadingMore) onMore();
  }, [nearEnd, hasMore, loadingMore, onMore]);

  const showNewest = () => {
    const list = scroller.current;
    if (!list) return;
    list.scrollTop = 0;
    // The browser tells of it a frame later. Until then the table would take the end of the shorter list for reached.
    list.dispatchEvent(new Event('scroll'));
    // The button goes; the keyboard stays with the list.
    list.focus();
    onNewest();
  };

  return (
    <div className="flex h-[max(24rem,calc(100dvh-21.75rem))] flex-col">
      <PausedNotice paused={paused} onNewest={showNewest} />
      <section
        ref={scroller}
        aria-label="Events, scrollable"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to reach what scrolls
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto rounded-b-lg focus-visible:outline-offset-[-2px]"
      >
        <table
          {...tableRoles.table}
          aria-label="Events"
          aria-rowcount={hasMore ? -1 : events.length + 1}
          className="block text-[13px]"
        >
          <thead {...tableRoles.group} className="sticky top-0 z-10 block border-b border-border bg-card">
            <tr {...tableRoles.row} aria-rowindex={1} className={cn(grid, 'h-9 text-xs text-muted-foreground')}>
              {['Face', 'Person', 'Decision', 'Camera', 'Distance', 'Version', 'First seen'].map((name, i) => (
                <th {...tableRoles.head} scope="col" key={name} className={cn('text-left font-medium', i > 2 && wide)}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody {...tableRoles.group} className="relative block" style={{ height: rows.getTotalSize() }}>
            {items.map((item) => (
              <Row key={item.key} event={events[item.index]} index={item.index} top={item.start} onOpen={onOpen} />
            ))}
          </tbody>
        </table>
        {loadingMore && (
          <p role="status" className="px-4 py-3 text-center text-[13px] text-muted-foreground">
            Loading more
          </p>
        )}
      </section>
    </div>
  );
}

interface RowProps {
  event: EventView;
  index: number;
  top: number;
  onOpen: (id: string) => void;
}

function Row({ event, index, top, onOpen }: RowProps) {
  const person = event.identity?.name ?? 'Unknown';
  const review = reviewWords[event.review];
  return (
    <tr
      {...tableRoles.row}
      aria-rowindex={index + 2}
      className={cn(grid, 'absolute inset-x-0 border-b border-border/70 hover:bg-muted/60')}
      style={{ height: ROW_HEIGHT, transform: `translateY(${top}px)` }}
    >
      <td {...tableRoles.cell}>
        <FaceCrop src={event.cropUrl} alt={person} className="size-11" />
      </td>
      <td {...tableRoles.cell} className="min-w-0">
        <button
          type="button"
          onClick={() => onOpen(event.id)}
          aria-label={`Open event: ${person}, ${formatDateTime(event.firstSeen)}`}
          title={person}
          className="block max-w-full cursor-pointer truncate rounded-sm text-left font-medium after:absolute after:inset-0"
        >
          {person}
        </button>
        <span className="block truncate text-muted-foreground">
          <span className="md:hidden">
            {formatBriefTime(event.firstSeen)} · {event.camera.name}
          </span>
          <span className={wide}>
            {review && event.reviewedIdentity
              ? `${review}: ${event.reviewedIdentity.name}`
              : (review ?? `Track ${event.trackId}`)}
          </span>
        </span>
      </td>
      <td {...tableRoles.cell}>
        <StatusBadge look={faceLooks[event.decision]} />
      </td>
      <td {...tableRoles.cell} className={cn(wide, 'truncate')} title={event.camera.name}>
        {event.camera.name}
      </td>
      <td {...tableRoles.cell} className={cn(wide, 'tabular')}>
        {formatDistance(event.distance)}
        <span className="block text-muted-foreground">of {formatDistance(event.threshold)}</span>
      </td>
      <td {...tableRoles.cell} className={cn(wide, 'min-w-0')}>
        <Badge tone="neutral" title={event.version.label}>
          <span className="truncate">{event.version.label || MISSING}</span>
        </Badge>
      </td>
      <td {...tableRoles.cell} className={cn(wide, 'tabular truncate text-muted-foreground')}>
        {formatDateTime(event.firstSeen)}
      </td>
    </tr>
  );
}
