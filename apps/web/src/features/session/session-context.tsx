'use client';

import { may, type Permission, type Role } from '@saface/core/roles';
import { createContext, type ReactNode, useContext } from 'react';

export interface SessionUser {
  id: string;
  name: string;
  email: string;
  role: Role;
}

const SessionContext = createContext<SessionUser | null>(null);

export function SessionProvider({ user, children }: { user: SessionUser; children: ReactNode }) {
  return <SessionContext value={user}>{children}</SessionContext>;
}

/** Who is signed in. Throws outside the console, where nobody has to be. */
export function useSession(): SessionUser {
  const user = useContext(SessionContext);
  if (!user) throw new Error('useSession outside SessionProvider');
  return user;
}

/** Whether to offer a control; the server decides again, whatever the page shows. */
export function useMay(permission: Permission): boolean {
  return may(useSession().role, permission);
}
