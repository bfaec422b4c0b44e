import { mkdirSync } from 'node:fs';
import { Redis } from 'ioredis';
import { env } from '../env.ts';
import { processService, type Service } from './service.ts';

/**
 * A private Redis. BullMQ needs `noeviction`; the append-only file makes a killed Redis come back with every job and every
 * outbox item it had acknowledged.
 */
export function redisService(name: string, { dir, port }: { dir: string; port: number }): Service & { url: string } {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const url = `redis://127.0.0.1:${port}`;
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const service = processService({
    name,
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    env: { PATH: env.path },
    cwd: dir,
    startTimeout: 20_000,
    ready: () => answersPing(url),
  });
  return { ...service, url };
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 1000,
    maxRetriesPerRequest: 0,
  });
  // A refused connection is the expected answer while the server starts; connect() rejects with it as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
