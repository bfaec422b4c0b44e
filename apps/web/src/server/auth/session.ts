import { headers } from 'next/headers';
import { container } from '../container.ts';
import type { Actor } from '../services/actor.ts';
import { actorOf } from './actor-of.ts';

export type SessionUser = Actor & { id: string };

/** Who is signed in, for server components; null when nobody is. */
export async function getSessionUser(): Promise<SessionUser | null> {
  const { auth } = await container();
  const actor = await actorOf(auth, await headers());
  return actor?.id ? { ...actor, id: actor.id } : null;
}
