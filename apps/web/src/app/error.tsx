'use client';

import { ErrorState } from '../components/data/states.tsx';

export default function PageError({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <main className="grid min-h-dvh place-content-center">
      <ErrorState error={error} onRetry={retry} />
    </main>
  );
}
