import type { Redis } from 'ioredis';

/** Counts failed attempts under `name`; they are forgotten `seconds` after the first. */
export function failures(redis: Redis, name: string, { max, seconds }: { max: number; seconds: number }) {
  const key = `saface:rate:${name}`;
  return {
    tooMany: async (): Promise<boolean> => Number((await redis.get(key)) ?? 0) >= max,
    count: async (): Promise<void> => {
      if ((await redis.incr(key)) === 1) await redis.expire(key, seconds);
    },
    forget: async (): Promise<void> => {
      await redis.del(key);
    },
  };
}
