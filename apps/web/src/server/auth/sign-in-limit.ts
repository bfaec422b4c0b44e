import { createHash } from 'node:crypto';
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api';
import type { Redis } from 'ioredis';

const PATH = '/sign-in/email';
/** Wrong passwords for one account within the time, wherever they come from: addresses are easily had, or told by a header. */
const MOST = 20;
const SECONDS = 300;

/** Middleware around signing in that stops guessing at one account. */
export function signInLimit(redis: Redis) {
  const keyOf = (body: unknown): string | null => {
    const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : null;
    if (typeof email !== 'string') return null;
    return `saface:rate:account:${createHash('sha256').update(email.trim().toLowerCase()).digest('hex')}`;
  };
  return {
    before: createAuthMiddleware(async ({ path, body }) => {
      const key = path === PATH ? keyOf(body) : null;
      if (key !== null && Number((await redis.get(key)) ?? 0) >= MOST)
        throw new APIError('TOO_MANY_REQUESTS', { message: 'Too many wrong passwords. Wait five minutes.' });
    }),
    after: createAuthMiddleware(async ({ path, body, context }) => {
      const key = path === PATH ? keyOf(body) : null;
      if (key === null) return;
      if (!isAPIError(context.returned)) await redis.del(key);
      else if (context.returned.statusCode === 401 && (await redis.incr(key)) === 1) await redis.expire(key, SECONDS);
    }),
  };
}
