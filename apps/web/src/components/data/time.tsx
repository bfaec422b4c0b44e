'use client';

import { formatAgo, formatDateTime, MISSING } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

/** A moment as `42 s ago`, with the full date on hover and for machines. */
export function Ago({ time, className }: { time: Date | number | string | null | undefined; className?: string }) {
  const now = useNow();
  if (time == null) return <span className={className}>never</span>;
  if (now === 0) return <span className={className}>{MISSING}</span>;
  return (
    <time dateTime={new Date(time).toISOString()} title={formatDateTime(time)} className={className}>
      {formatAgo(time, now)}
    </time>
  );
}
