import type { ReactNode } from 'react';
import { TRPCReactProvider } from '@/lib/trpc/client';
import { getSessionUser } from '@/server/auth/session';
import { AppShell } from '../../components/shell/app-shell.tsx';
import { TooltipProvider } from '../../components/ui/tooltip.tsx';
import { SessionProvider } from '../../features/session/index.ts';
import { ToSignIn } from '../../features/sign-in/index.ts';

/** Sends strangers to the sign-in page. Each procedure checks the session again: this is a courtesy, not a lock. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const user = await getSessionUser();
  if (!user) return <ToSignIn />;
  return (
    <SessionProvider user={user}>
      <TRPCReactProvider>
        <TooltipProvider delayDuration={300}>
          <AppShell>{children}</AppShell>
        </TooltipProvider>
      </TRPCReactProvider>
    </SessionProvider>
  );
}
