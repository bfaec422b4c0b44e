'use client';

import { useState } from 'react';
import { follow, same } from './follow.ts';

/** What a form holds of what the server does; a page that is open since the morning does not undo what a colleague saved at noon. */
export function useDraft<T extends object>(server: T): [draft: T, change: (changes: Partial<T>) => void] {
  const [draft, setDraft] = useState(server);
  const [known, setKnown] = useState(server);
  if (!same(known, server)) {
    setKnown(server);
    setDraft(follow(draft, known, server));
  }
  return [draft, (changes) => setDraft((now) => ({ ...now, ...changes }))];
}
