import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { liveStream } from './stream.ts';
import { RENEW_MS } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('ends once its reader is signed out, and not because that cannot be found out', async () => {
  const unwatch = vi.fn();
  const redis = { set: async () => 'OK' } as unknown as Redis;
  const hub = { watch: async () => unwatch, close: () => undefined };
  const allowed = vi.fn(async () => true);
  const { signal } = new AbortController();
  const reader = liveStream({ redis, hub }, 'camera', { signal, allowed }).getReader();
  const next = async () => {
    await vi.advanceTimersByTimeAsync(RENEW_MS);
    return (await reader.read()).done;
  };
  expect((await reader.read()).done).toBe(false);
  expect(await next()).toBe(false);
  allowed.mockRejectedValueOnce(new Error('the database is away'));
  expect(await next()).toBe(false);
  expect(unwatch).not.toHaveBeenCalled();
  allowed.mockResolvedValue(false);
  expect(await next()).toBe(false);
  expect(await next()).toBe(true);
  expect(unwatch).toHaveBeenCalledOnce();
});
