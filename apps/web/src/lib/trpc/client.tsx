'use client';

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '../../server/api/root.ts';
import { signInPath } from '../return-path.ts';
import { MOST_CALLS } from './batch.ts';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };

/** What a person did wrong does not get better by asking again; a server that is away may come back. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (error instanceof TRPCClientError) {
    const status = (error as TRPCClientError<AppRouter>).data?.httpStatus ?? 503;
    if (status < 500) return false;
  }
  return failures < 3;
}

/** Whoever was signed out (a session that ran out, a user who was disabled) is not left before pictures they may no longer see. */
function leaveWhenSignedOut(error: unknown): void {
  const signedOut = error instanceof TRPCClientError && (error as TRPCClientError<AppRouter>).data?.httpStatus === 401;
  const { pathname, search } = window.location;
  if (signedOut && pathname !== '/sign-in') window.location.assign(signInPath(pathname + search));
}

export function TRPCReactProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
        defaultOptions: { queries: { staleTime: 1_000, retry: shouldRetry } },
      }),
  );
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [httpBatchLink({ url: '/api/trpc', maxURLLength: 4_000, maxItems: MOST_CALLS })],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
