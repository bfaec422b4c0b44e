import { Backoff } from '@saface/agent-kit';
import { type OutboxItem, SafaceError } from '@saface/core';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisEventJournal } from '../recognition/event-journal.ts';
import { eventItem, eventOf, metricsOf, silent, testVault } from '../testing/fixtures.ts';
import { RedisServer } from '../testing/redis-server.ts';
import { Outbox } from './outbox.ts';
import { redisOutboxStore } from './outbox-store.ts';
import { Problems } from './problems.ts';
import { connectRedis, waitForRedis } from './redis.ts';

describe('Outbox on Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let pushed: string[];
  let down: boolean;
  const vault = testVault();

  beforeEach(async () => {
    server = await RedisServer.start();
    redis = connectRedis(server.url, silent);
    await waitForRedis(redis, 10_000);
    pushed = [];
    down = true;
  });

  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  function build(): Outbox {
    const call = async (_procedure: unknown, input: unknown) => {
      if (down) throw new SafaceError('unavailable', 'no answer', 'Wait.');
      const { items } = input as { items: OutboxItem[] };
      pushed.push(...items.map(({ id }) => id));
      return { results: items.map(({ id }) => ({ id, status: 'stored', message: null })) };
    };
    return new Outbox({
      client: { call: call as never },
      store: redisOutboxStore(redis, vault, 'edge-1'),
      log: silent,
      problems: new Problems(),
      backoff: new Backoff({ first: 1 }),
    });
  }

  async function reconnected(): Promise<void> {
    await server.resume();
    await waitForRedis(redis, 10_000);
  }

  it('survives a killed edge and a killed Redis, loses nothing, and keeps the order', async () => {
    const first = build();
    for (let i = 0; i < 250; i++) await first.add(eventItem(`e${i}`));
    await server.kill();
    await first.add(eventItem('while-away'));
    await reconnected();
    await first.flush();
    await first.add(eventItem('after'));
    // The edge is killed here: another one takes over with nothing but Redis.
    down = false;
    const second = build();
    expect(await second.flush()).toBe(0);
    expect(pushed).toEqual([...Array.from({ length: 250 }, (_, i) => `e${i}`), 'while-away', 'after']);
    expect(await redis.llen('saface:edge-1:outbox:durable')).toBe(0);
  });

  it('keeps no readable trace of a person in Redis', async () => {
    const outbox = build();
    await outbox.add({ id: 'e', kind: 'event', payload: eventOf('e', { identityId: 'ann-the-person' }) });
    const journal = redisEventJournal(redis, vault, 'edge-1');
    await journal.open(eventOf('e', { identityId: 'ann-the-person' }));
    const [item] = await redis.lrange('saface:edge-1:outbox:durable', 0, 0);
    const [open] = await redis.hvals('saface:edge-1:open-events');
    expect(`${item}${open}`).not.toContain('ann');
    expect(await journal.load()).toEqual([eventOf('e', { identityId: 'ann-the-person' })]);
  });

  it('drops items it cannot decrypt instead of standing still', async () => {
    await redis.rpush('saface:edge-1:outbox:durable', 'sealed by somebody else');
    const outbox = build();
    await outbox.add(eventItem('e1'));
    down = false;
    await outbox.flush();
    expect(pushed).toEqual(['e1']);
  });

  it('sends metrics after events, and both lanes end up empty', async () => {
    const outbox = build();
    await outbox.add(metricsOf('m1'));
    await outbox.add(eventItem('e1'));
    down = false;
    await outbox.flush();
    expect(pushed).toEqual(['e1', 'm1']);
    expect(outbox.depth).toBe(0);
  });
});
