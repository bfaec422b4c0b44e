import { Backoff } from '@saface/agent-kit';
import { type AgentOutput, type OutboxItem, SafaceError } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventItem, eventOf, metricsOf, silent } from '../testing/fixtures.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import { Problems } from './problems.ts';

const away = () => new SafaceError('unavailable', 'no answer', 'Wait.');
const unreadable = () => new SafaceError('invalid-input', 'bad request', 'Update.');

describe('Outbox', () => {
  let store: MemoryStore;
  let pushed: string[][];
  let stored: Set<string>;
  let duplicates: string[];
  let fail: (items: readonly OutboxItem[]) => Error | null;
  let problems: Problems;

  beforeEach(() => {
    store = new MemoryStore();
    pushed = [];
    stored = new Set();
    duplicates = [];
    fail = () => null;
    problems = new Problems();
  });

  function build(options: Partial<OutboxOptions> = {}): Outbox {
    const call = async (_procedure: unknown, input: unknown) => {
      const { items } = input as { items: OutboxItem[] };
      const error = fail(items);
      if (error) throw error;
      pushed.push(items.map(({ id }) => id));
      const results: AgentOutput<'push'>['results'] = items.map(({ id }) => {
        const status = stored.has(id) ? ('duplicate' as const) : ('stored' as const);
        if (status === 'duplicate') duplicates.push(id);
        stored.add(id);
        return { id, status, message: null };
      });
      return { results };
    };
    const client = { call: call as never };
    return new Outbox({ client, store, log: silent, problems, backoff: new Backoff({ first: 1 }), ...options });
  }

  it('delivers in order, at most 200 at a time, and forgets what was taken', async () => {
    const outbox = build();
    for (let i = 0; i < 450; i++) await outbox.add(eventItem(`e${i}`));
    expect(await outbox.flush()).toBe(0);
    expect(pushed.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(pushed.flat()).toEqual(Array.from({ length: 450 }, (_, i) => `e${i}`));
    expect(store.lanes.durable).toEqual([]);
    expect(outbox.depth).toBe(0);
  });

  it('tells operators when nothing was taken for some time, until it is', async () => {
    const outbox = build();
    await outbox.add(eventItem('e1'));
    fail = away;
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(problems.list()).toEqual([]);
      await outbox.flush();
    }
    expect(problems.list()).toEqual([expect.stringMatching(/does not take them: no answer/)]);
    fail = () => null;
    await outbox.flush();
    expect(problems.list()).toEqual([]);
  });

  it('keeps everything while the control plane is away and repeats with the same ids', async () => {
    const outbox = build();
    await outbox.add(eventItem('e1'));
    await outbox.add(eventItem('e2'));
    // Stored there, but the answer is lost on the way back.
    fail = (items) => {
      for (const { id } of items) stored.add(id);
      return away();
    };
    expect(await outbox.flush()).toBeGreaterThan(0);
    expect(store.lanes.durable).toHaveLength(2);
    fail = () => null;
    await outbox.add(eventItem('e3'));
    await outbox.flush();
    expect(pushed).toEqual([['e1', 'e2', 'e3']]);
    expect(duplicates).toEqual(['e1', 'e2']);
    expect(store.lanes.durable).toEqual([]);
  });

  it('drops the oldest metrics when there are too many, also while nothing can be sent, and never an event', async () => {
    const outbox = build({ limits: { metrics: 3 } });
    fail = away;
    for (let i = 0; i < 10; i++) {
      await outbox.add(metricsOf(`m${i}`));
      await outbox.add(eventItem(`e${i}`));
    }
    fail = () => null;
    await outbox.flush();
    expect(pushed.flat().filter((id) => id.startsWith('m'))).toEqual(['m7', 'm8', 'm9']);
    expect(pushed.flat().filter((id) => id.startsWith('e'))).toHaveLength(10);
  });

  it('waits in memory while Redis is away, in order, and drains when it is back', async () => {
    const outbox = build();
    await outbox.add(eventItem('e1'));
    fail = away;
    await outbox.flush();
    store.away = true;
    await outbox.add(eventItem('e2'));
    await outbox.add(eventItem('e3'));
    expect(outbox.storeDown).toBe(true);
    expect(problems.list()).toEqual([expect.stringContaining('Redis is away')]);
    fail = () => null;
    await outbox.flush();
    // e1 waits in Redis, so nothing may overtake it.
    expect(pushed).toEqual([]);
    store.away = false;
    await outbox.flush();
    expect(pushed.flat()).toEqual(['e1', 'e2', 'e3']);
    expect(problems.list()).toEqual([]);
  });

  it('sends from memory when Redis is away and nothing older waits there', async () => {
    const outbox = build();
    await outbox.flush();
    store.away = true;
    await outbox.add(eventItem('e1'));
    await outbox.flush();
    expect(pushed).toEqual([['e1']]);
    expect(outbox.depth).toBe(0);
  });

  it('gives up metrics before events when memory is full', async () => {
    const outbox = build({ limits: { memory: 2 } });
    store.away = true;
    await outbox.add(metricsOf('m1'));
    await outbox.add(eventItem('e1'));
    await outbox.add(eventItem('e2'));
    expect(problems.list().join()).not.toContain('are being lost');
    store.away = false;
    await outbox.flush();
    expect(pushed.flat()).toEqual(['e1', 'e2']);
  });

  it('puts one item that the control plane cannot read aside, and delivers all others in order', async () => {
    const outbox = build();
    for (const id of ['e1', 'e2', 'bad', 'e3']) await outbox.add(eventItem(id));
    fail = (items) => (items.some(({ id }) => id === 'bad') ? unreadable() : null);
    await outbox.flush();
    expect(pushed.flat()).toEqual(['e1', 'e2', 'e3']);
    expect(store.lanes.dead.map((json) => (JSON.parse(json) as OutboxItem).id)).toEqual(['bad']);
    expect(problems.list()).toEqual([expect.stringContaining('event bad')]);
  });

  it('sends what is before an item whose upload fails, and tries that one again', async () => {
    let uploads = 0;
    const outbox = build({
      beforePush: async ({ id }) => {
        if (id === 'e2' && uploads++ < 2) throw away();
      },
    });
    for (const id of ['e1', 'e2', 'e3']) await outbox.add(eventItem(id));
    expect(await outbox.flush()).toBeGreaterThan(0);
    expect(pushed).toEqual([['e1']]);
    await outbox.flush();
    expect(pushed.flat()).toEqual(['e1', 'e2', 'e3']);
  });

  it('says when an item was answered or put aside, and not before', async () => {
    const done: string[] = [];
    const outbox = build({ afterPush: async ({ id }) => void done.push(id) });
    for (const id of ['e1', 'bad']) await outbox.add(eventItem(id));
    fail = away;
    await outbox.flush();
    expect(done).toEqual([]);
    fail = (items) => (items.some(({ id }) => id === 'bad') ? unreadable() : null);
    await outbox.flush();
    expect(done).toEqual(['e1', 'bad']);
  });

  it('keeps events without their pictures when very many wait', async () => {
    const outbox = build({ limits: { pictures: 1 } });
    const event = (id: string): OutboxItem => ({ id, kind: 'event', payload: eventOf(id, { cropJpeg: 'AAAA' }) });
    await outbox.add(event('e1'));
    await outbox.add(event('e2'));
    const crops = store.lanes.durable.map(
      (json) => (JSON.parse(json) as { payload: { cropJpeg: string } }).payload.cropJpeg,
    );
    expect(crops).toEqual(['AAAA', null]);
  });

  it('refuses an item that breaks the contract at the door', async () => {
    const outbox = build();
    await outbox.add({ id: '', kind: 'event', payload: eventOf('e1') });
    expect(store.lanes.durable).toEqual([]);
  });

  it('puts aside what an older edge stored and today breaks the contract, without pictures and not without end', async () => {
    const outbox = build({ limits: { dead: 2 } });
    const old = (id: string) =>
      JSON.stringify({ id, kind: 'event', payload: eventOf(id, { quality: 2, cropJpeg: 'FACE' }) });
    store.lanes.durable.push(
      JSON.stringify(eventItem('e1')),
      ...['o1', 'o2', 'o3'].map(old),
      JSON.stringify(eventItem('e2')),
    );
    expect(await outbox.flush()).toBe(0);
    expect(pushed.flat()).toEqual(['e1', 'e2']);
    expect(store.lanes.dead.map((json) => (JSON.parse(json) as OutboxItem).id)).toEqual(['o2', 'o3']);
    expect(store.lanes.dead.join()).not.toContain('FACE');
    expect(problems.list()).toEqual([expect.stringMatching(/event o3.*1 older ones were dropped/)]);
  });

  it('does not blame an item for a full disk of this edge', async () => {
    const full = new SafaceError('exhausted', 'The disk is full', 'Free some.', {
      cause: Object.assign(new Error('no space'), { code: 'ENOSPC' }),
    });
    const outbox = build({ beforePush: () => Promise.reject(full) });
    await outbox.add(eventItem('e1'));
    expect(await outbox.flush()).toBeGreaterThan(0);
    expect(store.lanes).toMatchObject({ durable: [expect.any(String)], dead: [] });
  });

  it('counts what an earlier process left, so that its limits hold from the start', async () => {
    store.lanes.durable.push(JSON.stringify(eventItem('e1')), JSON.stringify(eventItem('e2')));
    store.lanes.metrics.push(JSON.stringify(metricsOf('m1')));
    fail = away;
    const outbox = build({ limits: { pictures: 2 } });
    outbox.start();
    await outbox.add({ id: 'e3', kind: 'event', payload: eventOf('e3', { cropJpeg: 'FACE' }) });
    expect(outbox.depth).toBe(4);
    expect(store.lanes.durable.join()).not.toContain('FACE');
    await outbox.stop();
  });
});
