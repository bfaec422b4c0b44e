'use client';

import { useSyncExternalStore } from 'react';

/** The browser's clock as an external store, one timer for the whole page, ticking only while somebody looks at it. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const l of listeners) l();
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
      now = 0;
    }
  };
}

const read = () => {
  if (now === 0) now = Date.now();
  return now;
};

/** Unix epoch ms, renewed each second. 0 while rendering on the server, where no reader's clock is known. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read, () => 0);
}
