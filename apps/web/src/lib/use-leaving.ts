'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { flushSync } from 'react-dom';

/**
 * For a page whose subject may be deleted from it: what it polls of that subject meanwhile would be answered with "not found".
 * `leave` has the page let go of it first (`leaving`), waits for what is under way, and only then deletes; the page is back if that fails.
 */
export function useLeaving() {
  const client = useQueryClient();
  const [leaving, setLeaving] = useState(false);
  const leave = async <T>(remove: () => Promise<T>): Promise<T> => {
    // At once, so that no timer of the page asks again before it is gone.
    flushSync(() => setLeaving(true));
    const underWay = client.getQueryCache().findAll({ fetchStatus: 'fetching' });
    await Promise.allSettled(underWay.map((query) => query.promise));
    try {
      return await remove();
    } catch (error) {
      setLeaving(false);
      throw error;
    }
  };
  return { leaving, leave };
}

export type Leave = ReturnType<typeof useLeaving>['leave'];
