import { expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { hashesIn, moveItems, storeAfter, UNREADABLE } from './outbox-store.ts';

it('moves all items in order, but none that cannot be read', async () => {
  const [from, to] = [new MemoryStore(), new MemoryStore()];
  const many = Array.from({ length: 450 }, (_, i) => `e${i}`);
  await from.append('durable', [...many, UNREADABLE, 'last']);
  await from.append('metrics', ['m']);
  await from.append('dead', ['d']);
  await to.append('durable', ['before']);
  await moveItems(from, to);
  expect(to.lanes).toEqual({ durable: ['before', ...many, 'last'], metrics: ['m'], dead: ['d'] });
  expect(from.lanes).toEqual({ durable: [], metrics: [], dead: [] });
});

it('counts as away until what comes first was done, so that nothing overtakes it', async () => {
  const inner = new MemoryStore();
  let away = true;
  const store = storeAfter(async () => {
    if (away) throw new Error('connect ECONNREFUSED');
  }, inner);
  await expect(store.append('durable', ['new'])).rejects.toThrow('ECONNREFUSED');
  await expect(store.depth('durable')).rejects.toThrow('ECONNREFUSED');
  expect(inner.lanes.durable).toEqual([]);
  away = false;
  await store.append('durable', ['new']);
  expect(await store.peek('durable', 1)).toEqual(['new']);
  await store.drop('durable', 1);
  expect(inner.lanes.durable).toEqual([]);
});

it('finds which hashes waiting items hold, however many wait', async () => {
  const store = new MemoryStore();
  await store.append('durable', [...Array.from({ length: 450 }, () => '{}'), '{"sha256":"aa"}']);
  await store.append('dead', ['{"sha256":"bb"}']);
  expect(await hashesIn(store, ['aa', 'bb'])).toEqual(new Set(['aa']));
});
