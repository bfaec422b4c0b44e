'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { startTransition, useOptimistic } from 'react';
import { type Filters, filterKeys, readFilters } from './event-filters.ts';

/**
 * The filters and the open event, which the address of the page keeps. A navigation takes a moment; meanwhile the page
 * shows what was asked for, and a second change builds on the first instead of undoing it.
 */
export function useEventAddress() {
  const router = useRouter();
  const pathname = usePathname();
  const [query, setQuery] = useOptimistic(useSearchParams().toString());
  const params = new URLSearchParams(query);

  const go = (edit: (next: URLSearchParams) => void) => {
    const next = new URLSearchParams(query);
    edit(next);
    const text = next.toString();
    startTransition(() => {
      setQuery(text);
      router.replace(text ? `${pathname}?${text}` : pathname, { scroll: false });
    });
  };
  const change = (changes: Filters) =>
    go((next) => {
      for (const [key, value] of Object.entries(changes)) {
        if (value) next.set(key, value);
        else next.delete(key);
      }
      if ('scenarioId' in changes) next.delete('versionId');
    });
  const clear = () =>
    go((next) => {
      for (const key of filterKeys) next.delete(key);
    });
  const open = (id: string | null) =>
    go((next) => {
      if (id) next.set('event', id);
      else next.delete('event');
    });

  return { filters: readFilters(params), openId: params.get('event'), change, clear, open };
}
