import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisEventJournal } from '../recognition/event-journal.ts';
import { eventItem, eventOf, silent, testVault } from '../testing/fixtures.ts';
import { RedisServer } from '../testing/redis-server.ts';
import { Handover } from './handover.ts';
import { redisOutboxStore } from './outbox-store.ts';
import { connectRedis, waitForRedis } from './redis.ts';

describe('Handover', () => {
  let server: RedisServer;
  let redis: Redis;
  let dir: string;
  const vault = testVault();

  beforeEach(async () => {
    server = await RedisServer.start();
    redis = connectRedis(server.url, silent);
    await waitForRedis(redis, 10_000);
    dir = await mkdtemp(join(tmpdir(), 'saface-handover-'));
  });

  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  const handover = (agentId: string) => new Handover({ redis, vault, agentId, dir, log: silent });
  const store = (agentId: string) => redisOutboxStore(redis, vault, agentId);
  const json = (id: string) => JSON.stringify(eventItem(id));

  it('sends on what waited under the ids of earlier enrolments, oldest first, and leaves nothing under them', async () => {
    await handover('first').done();
    await store('first').append('durable', [json('e1'), json('e2')]);
    await store('first').append('dead', [json('d1')]);
    await redisEventJournal(redis, vault, 'first').open(eventOf('open'));
    await redis.set('saface:first:training:id', '7');
    await store('somebody-else').append('durable', [json('theirs')]);

    await handover('second').done();
    await store('second').append('durable', [json('e3')]);
    expect(await store('second').peek('durable', 10)).toEqual(['e1', 'e2', 'e3'].map(json));
    expect(await store('second').peek('dead', 10)).toEqual([json('d1')]);
    expect(await redisEventJournal(redis, vault, 'second').load()).toEqual([eventOf('open')]);
    expect(await redis.keys('saface:first:*')).toEqual([]);
    expect(await store('somebody-else').depth('durable')).toBe(1);
  });

  it('goes on where it was when Redis went away', async () => {
    await handover('first').done();
    await store('first').append('durable', [json('e1')]);
    await server.kill();
    const second = handover('second');
    await expect(second.done()).rejects.toThrow();
    await server.resume();
    await waitForRedis(redis, 10_000);
    await second.done();
    expect(await store('second').peek('durable', 10)).toEqual([json('e1')]);
  });
});
