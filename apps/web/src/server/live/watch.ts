import type { Redis } from 'ioredis';

const keyOf = (cameraId: string) => `saface:watched:${cameraId}`;
export const channelOf = (cameraId: string) => `saface:live:${cameraId}`;

/** A mark outlives the last renewal by this much, so a browser that vanishes stops the pictures by itself. */
const WATCH_SECONDS = 10;
export const RENEW_MS = 3_000;

export async function markWatched(redis: Redis, cameraId: string): Promise<void> {
  await redis.set(keyOf(cameraId), '1', 'EX', WATCH_SECONDS);
}

/** Those of `cameraIds` that somebody is looking at; none while Redis is away, for pictures must not stop recognition. */
export async function watchedCameras(redis: Redis, cameraIds: readonly string[]): Promise<string[]> {
  if (cameraIds.length === 0) return [];
  const marks = await redis.mget(cameraIds.map(keyOf)).catch(() => []);
  return cameraIds.filter((_, i) => marks[i] != null);
}
