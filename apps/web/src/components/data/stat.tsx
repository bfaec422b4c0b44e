import Link from 'next/link';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

interface StatProps {
  label: string;
  value: ReactNode;
  unit?: string;
  /** One line under the figure that says what it means or compares it. */
  note?: ReactNode;
  href?: string;
  className?: string;
}

/** One figure with its name; a link when there is more to see behind it. */
export function Stat({ label, value, unit, note, href, className }: StatProps) {
  const body = (
    <>
      <span className="text-[13px] text-muted-foreground">{label}</span>
      <span className="tabular mt-1 block truncate text-2xl leading-8 font-semibold tracking-tight">
        {value}
        {unit && <span className="ml-1 text-sm font-normal text-muted-foreground">{unit}</span>}
      </span>
      {note != null && <span className="tabular mt-0.5 block min-h-5 text-[13px] text-muted-foreground">{note}</span>}
    </>
  );
  const classes = cn('block min-w-0 grow basis-37 bg-card px-4 py-3', className);
  return href ? (
    <Link href={href} className={cn(classes, 'transition-colors hover:bg-accent focus-visible:outline-offset-[-2px]')}>
      {body}
    </Link>
  ) : (
    <div className={classes}>{body}</div>
  );
}

/** Figures side by side with hairlines between them. */
export function StatRow({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={cn('flex flex-wrap gap-px overflow-hidden rounded-lg border border-border bg-border', className)}>
      {children}
    </div>
  );
}
