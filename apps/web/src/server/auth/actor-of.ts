import { roles } from '@saface/core';
import { z } from 'zod';
import type { Actor } from '../services/actor.ts';
import type { Auth } from './auth.ts';

/** The person whose session the request's cookie names, read from the database each time: a changed role counts at once. */
export async function actorOf(auth: Auth, headers: Headers): Promise<Actor | null> {
  const session = await auth.api.getSession({ headers });
  if (!session) return null;
  const { id, name, email, role } = session.user;
  return { id, name, email, role: z.enum(roles).parse(role) };
}
