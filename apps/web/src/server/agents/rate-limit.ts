import { SafaceError } from '@saface/core';
import type { Redis } from 'ioredis';

/** Refuses with `exhausted` once `max` failures of one address were counted within `seconds`. */
export async function refuseWhenTooMany(
  redis: Redis,
  { action, address, max, seconds }: { action: string; address: string; max: number; seconds: number },
): Promise<{ countFailure(): Promise<void> }> {
  const key = `saface:rate:${action}:${address || 'unknown'}`;
  if (Number((await redis.get(key)) ?? 0) >= max)
    throw new SafaceError(
      'exhausted',
      'Too many failed attempts from this address',
      `Wait ${Math.ceil(seconds / 60)} minutes and try again with a valid token.`,
    );
  return {
    async countFailure() {
      if ((await redis.incr(key)) === 1) await redis.expire(key, seconds);
    },
  };
}
