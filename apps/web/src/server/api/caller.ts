import { headers } from 'next/headers';
import { actorOf } from '../auth/actor-of.ts';
import { container } from '../container.ts';
import { createCaller } from './root.ts';

/** The API for server components, as the person who is signed in. */
export async function serverCaller() {
  const server = await container();
  return createCaller({
    ...server,
    actor: await actorOf(server.auth, await headers()),
    authorization: null,
    address: '',
  });
}
