import type { Logger } from '@saface/agent-kit';
import { describeError } from '@saface/core';
import { Redis } from 'ioredis';

/** The edge's own Redis. Commands fail at once while it is away: whoever calls has a way on without it, and waiting would hold up recognition. */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 3000,
    connectTimeout: 3000,
    retryStrategy: (times) => Math.min(100 * times, 1000),
  });
  let away = false;
  // Without a listener ioredis prints every failed attempt itself.
  redis.on('error', (error) => {
    if (!away) log.warn({ error: describeError(error) }, 'no connection to Redis');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('connected to Redis');
    away = false;
  });
  return redis;
}

/** Resolves when the connection stands, or after `milliseconds` without one. */
export async function waitForRedis(redis: Redis, milliseconds: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      redis.off('ready', done);
      resolve();
    }
    redis.once('ready', done);
  });
}
