'use client';

import { ErrorState } from '../../components/data/states.tsx';

/** Keeps navigation and theme on screen when one page fails. */
export default function ConsoleError({ error, retry }: { error: Error; retry: () => void }) {
  return <ErrorState error={error} onRetry={retry} />;
}
