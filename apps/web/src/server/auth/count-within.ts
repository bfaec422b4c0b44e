import type { Redis } from 'ioredis';

/**
 * Counts one more under `key`, which is forgotten `seconds` after the first. The end is set with the count or not at all: a key that
 * lost it to a Redis that went away in between would lock its account or address out for good.
 */
export async function countWithin(redis: Redis, key: string, seconds: number): Promise<number> {
  const answers = await redis.multi().set(key, 0, 'EX', seconds, 'NX').incr(key).exec();
  const [error, count] = answers?.[1] ?? [new Error('Redis dropped the transaction'), null];
  if (error) throw error;
  return Number(count);
}
