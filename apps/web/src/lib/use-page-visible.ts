'use client';

import { useSyncExternalStore } from 'react';

/** Whether anybody can see this page: false while its tab is in the background or its window is minimised. */
export function usePageVisible(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener('visibilitychange', changed);
      return () => document.removeEventListener('visibilitychange', changed);
    },
    () => document.visibilityState === 'visible',
    () => true,
  );
}
