import type { Redis } from 'ioredis';
import { countWithin } from './count-within.ts';

/** Counts failed attempts under `name`; they are forgotten `seconds` after the first. */
export function failures(redis: Redis, name: string, { max, seconds }: { max: number; seconds: number }) {
  const key = `saface:rate:${name}`;
  return {
    tooMany: async (): Promise<boolean> => Number((await redis.get(key)) ?? 0) >= max,
    count: async (): Promise<void> => {
      await countWithin(redis, key, seconds);
    },
    forget: async (): Promise<void> => {
      await redis.del(key);
    },
  };
}
