import { headers } from 'next/headers';
import { container } from '../container.ts';
import type { Actor } from '../services/actor.ts';
import { actorOf } from './actor-of.ts';

export type SessionUser = Actor & { id: string };

/** Who is signed in, for server components; null when nobody is. */
export async function getSessionUser(): Promise<SessionUser | null> {
  // Asked first: it is what tells Next that a page cannot be rendered at build time.
  const requestHeaders = await headers();
  const { auth } = await container();
  const actor = await actorOf(auth, requestHeaders);
  return actor?.id ? { ...actor, id: actor.id } : null;
}
