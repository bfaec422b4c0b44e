import { randomUUID } from 'node:crypto';
import { type Permission, SafaceError } from '@saface/core';
import { actorOf } from '../auth/actor-of.ts';
import { type Container, container } from '../container.ts';
import type { ServiceContext } from '../deps.ts';
import { httpStatuses, toDomainError } from '../errors.ts';
import { requirePermission } from '../services/actor.ts';

/** Runs a handler of a door beside tRPC; whatever it throws becomes `{ message, remedy, code }` with a fitting status. */
export async function respond(request: Request, handler: (server: Container) => Promise<Response>): Promise<Response> {
  try {
    return await handler(await container());
  } catch (error) {
    const where = `${request.method} ${new URL(request.url).pathname}`;
    const log = await container().then(
      (server) => server.log,
      () => null,
    );
    const domain = log
      ? toDomainError(error, { log, where })
      : new SafaceError('unavailable', 'The control plane is not set up', `See its log (${randomUUID()}).`);
    return Response.json(
      { message: domain.message, remedy: domain.remedy, code: domain.code },
      { status: httpStatuses[domain.code], headers: { 'cache-control': 'no-store' } },
    );
  }
}

/** The signed-in person's context; throws `unauthenticated` or `forbidden`. */
export async function signedIn(server: Container, request: Request, permission: Permission): Promise<ServiceContext> {
  const actor = await actorOf(server.auth, request.headers);
  if (!actor) throw new SafaceError('unauthenticated', 'You are not signed in', 'Sign in and try again.');
  requirePermission(actor, permission);
  return { ...server, actor };
}

/** The cookie comes along with requests from other sites; a request that changes something must come from our own pages. */
export function requireSameOrigin(request: Request): void {
  const origin = request.headers.get('origin');
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host');
  if (origin === null || new URL(origin).host !== host)
    throw new SafaceError('forbidden', 'The request comes from another site', 'Use the pages of the control plane.');
}

/** Where a request came from, as the server in front of us says. */
export const addressOf = (request: Request): string =>
  request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';

/** A picture of the artifact store. Its content never changes under its address, but it may have to be forgotten. */
export function picture(bytes: Uint8Array, mediaType: 'image/jpeg' | 'image/png'): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': mediaType,
      'cache-control': 'private, max-age=60',
      'content-security-policy': "default-src 'none'",
    },
  });
}
