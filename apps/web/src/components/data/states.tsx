'use client';

import { CircleAlert, type LucideIcon, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';
import { errorText } from '../../lib/error-text.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** What to do about it. */
  children: ReactNode;
  action?: ReactNode;
  className?: string;
}

export function EmptyState({ icon: Icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn('grid justify-items-center gap-2 px-6 py-10 text-center', className)}>
      <Icon className="size-7 text-muted-foreground" strokeWidth={1.5} aria-hidden />
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-[13px] text-muted-foreground">{children}</p>
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

export function ErrorState({ error, onRetry, className }: ErrorStateProps) {
  const { message, remedy } = errorText(error);
  return (
    <div role="alert" className={cn('grid justify-items-center gap-2 px-6 py-10 text-center', className)}>
      <CircleAlert className="size-7 text-danger" strokeWidth={1.5} aria-hidden />
      <p className="max-w-md font-medium break-words">{message}</p>
      {remedy && <p className="max-w-md text-[13px] text-muted-foreground">{remedy}</p>}
      {onRetry && (
        <Button variant="outline" size="sm" className="mt-2" onClick={onRetry}>
          <RotateCw aria-hidden />
          Try again
        </Button>
      )}
    </div>
  );
}

/** Grey bars where rows will be, of the same height, so that nothing moves when they arrive. */
export function RowsSkeleton({ rows = 5, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cn('grid gap-3 p-4', className)}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders that never move
        <Skeleton key={i} className="h-6" style={{ width: `${100 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface QueryStateProps<T> {
  query: QueryLike<T>;
  /** What stands in while the first answer is on its way. */
  loading?: ReactNode;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

/**
 * Loading, failed, empty or there: the four states of everything that comes from the server. Data that was there stays on
 * screen while a later refresh fails, with the failure said above it.
 */
export function QueryState<T>({ query, loading, isEmpty, empty, children }: QueryStateProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error != null && <StaleNotice error={query.error} onRetry={() => query.refetch()} />}
        {isEmpty?.(query.data) ? empty : children(query.data)}
      </>
    );
  }
  if (query.error != null) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return loading ?? <RowsSkeleton />;
}

function StaleNotice({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-between gap-2 border-b border-warn/30 bg-warn/9 px-4 py-2 text-[13px] text-warn"
    >
      <span>Not up to date: {errorText(error).message}</span>
      <Button variant="link" size="sm" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
