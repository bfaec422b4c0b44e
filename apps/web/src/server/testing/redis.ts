import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '@saface/db/testing';
import { Redis } from 'ioredis';

export interface TestRedis {
  readonly redis: Redis;
  close(): Promise<void>;
}

/** The server of REDIS_URL (its database 15, emptied) or one of its own that keeps nothing. */
export async function createTestRedis(serverUrl: string | undefined): Promise<TestRedis> {
  if (serverUrl) {
    const redis = new Redis(serverUrl, { db: 15, maxRetriesPerRequest: 5 });
    await redis.flushdb();
    return { redis, close: async () => void (await redis.quit()) };
  }
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', '/tmp'], {
    stdio: 'ignore',
  });
  // Commands wait until the server takes connections.
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 100, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  await redis.ping();
  return {
    redis,
    async close() {
      redis.disconnect();
      const gone = once(server, 'exit');
      server.kill('SIGTERM');
      await gone;
    },
  };
}
