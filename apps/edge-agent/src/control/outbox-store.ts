import type { Redis } from 'ioredis';
import type { Vault } from './vault.ts';

/** `durable` items are never dropped; of `metrics` the oldest go first when there are too many; `dead` ones the control plane cannot read. */
const lanes = ['durable', 'metrics', 'dead'] as const;
export type Lane = (typeof lanes)[number];

/** What `peek` yields for an item that was damaged or sealed with another key. */
export const UNREADABLE = '';

/** Where the outbox waits: FIFO lists of opaque strings. Every call rejects while the store is away. */
export interface OutboxStore {
  append(lane: Lane, items: readonly string[]): Promise<void>;
  /** The oldest `count` after the first `skip`, oldest first; they stay. */
  peek(lane: Lane, count: number, skip?: number): Promise<string[]>;
  /** Removes the oldest `count`. */
  drop(lane: Lane, count: number): Promise<void>;
  depth(lane: Lane): Promise<number>;
}

/** Lists in the edge's own Redis (append-only file on), sealed because events carry faces. */
export function redisOutboxStore(redis: Redis, vault: Vault, agentId: string): OutboxStore {
  const key = (lane: Lane): string => `saface:${agentId}:outbox:${lane}`;
  return {
    async append(lane, items) {
      if (items.length === 0) return;
      await redis.rpush(key(lane), ...items.map((item) => vault.seal(Buffer.from(item), key(lane))));
    },
    async peek(lane, count, skip = 0) {
      const sealed = await redis.lrangeBuffer(key(lane), skip, skip + count - 1);
      return sealed.map((bytes) => {
        try {
          return vault.open(bytes, key(lane)).toString('utf8');
        } catch {
          return UNREADABLE;
        }
      });
    },
    async drop(lane, count) {
      if (count > 0) await redis.ltrim(key(lane), count, -1);
    },
    depth: (lane) => redis.llen(key(lane)),
  };
}

/** Items moved or looked at in one go. */
const STEP = 200;

/** Interrupted in between it repeats some items, which their ids make harmless. */
export async function moveItems(from: OutboxStore, to: OutboxStore): Promise<void> {
  for (const lane of lanes) {
    for (let items = await from.peek(lane, STEP); items.length > 0; items = await from.peek(lane, STEP)) {
      await to.append(
        lane,
        items.filter((item) => item !== UNREADABLE),
      );
      await from.drop(lane, items.length);
    }
  }
}

/** Which of some hashes durable items hold. While items are sent or added it may miss some. */
export async function hashesIn(store: OutboxStore, hashes: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let skip = 0; found.size < hashes.length; skip += STEP) {
    const items = await store.peek('durable', STEP, skip);
    if (items.length === 0) break;
    for (const hash of hashes) if (items.some((item) => item.includes(hash))) found.add(hash);
  }
  return found;
}

/** `store`, which counts as away until `before` has resolved: it is asked again with every call. */
export const storeAfter = (before: () => Promise<void>, store: OutboxStore): OutboxStore => ({
  append: (lane, items) => before().then(() => store.append(lane, items)),
  peek: (lane, count, skip) => before().then(() => store.peek(lane, count, skip)),
  drop: (lane, count) => before().then(() => store.drop(lane, count)),
  depth: (lane) => before().then(() => store.depth(lane)),
});
