import { createHash } from 'node:crypto';
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api';
import type { Redis } from 'ioredis';
import { failures } from './failures.ts';

const PATH = '/sign-in/email';
/** Wrong passwords for one account, wherever they come from: addresses are easily had, or told by a header. */
const LIMIT = { max: 20, seconds: 300 };

/** Middleware around signing in that stops guessing at one account. */
export function signInLimit(redis: Redis) {
  const failuresOf = (path: string, body: unknown) => {
    const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : null;
    if (path !== PATH || typeof email !== 'string') return null;
    const account = createHash('sha256').update(email.trim().toLowerCase()).digest('hex');
    return failures(redis, `account:${account}`, LIMIT);
  };
  return {
    before: createAuthMiddleware(async ({ path, body }) => {
      if (await failuresOf(path, body)?.tooMany())
        throw new APIError('TOO_MANY_REQUESTS', { message: 'Too many wrong passwords. Wait five minutes.' });
    }),
    after: createAuthMiddleware(async ({ path, body, context }) => {
      const failed = failuresOf(path, body);
      if (!isAPIError(context.returned)) await failed?.forget();
      else if (context.returned.statusCode === 401) await failed?.count();
    }),
  };
}
