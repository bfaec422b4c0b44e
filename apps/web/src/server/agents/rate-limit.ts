import { SafaceError } from '@saface/core';
import type { Redis } from 'ioredis';
import { failures } from '../auth/failures.ts';

/** Refuses with `exhausted` once `max` failures of one address were counted within `seconds`. */
export async function refuseWhenTooMany(
  redis: Redis,
  { action, address, max, seconds }: { action: string; address: string; max: number; seconds: number },
): Promise<{ countFailure(): Promise<void> }> {
  const failed = failures(redis, `${action}:${address || 'unknown'}`, { max, seconds });
  if (await failed.tooMany())
    throw new SafaceError(
      'exhausted',
      'Too many failed attempts from this address',
      `Wait ${Math.ceil(seconds / 60)} minutes and try again with a valid token.`,
    );
  return { countFailure: failed.count };
}
