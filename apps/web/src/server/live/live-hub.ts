import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { channelOf } from './watch.ts';

type Listener = (frame: Uint8Array) => void;

/** One Redis subscription per camera and process, however many browsers look at it. */
export interface LiveHub {
  /** Calls `listener` with every frame of the camera until the returned function is called. */
  watch(cameraId: string, listener: Listener): Promise<() => void>;
  close(): void;
}

export function createLiveHub(redis: Redis, log: Logger): LiveHub {
  // A connection that subscribes can do nothing else.
  const subscriber = redis.duplicate({ maxRetriesPerRequest: null, commandTimeout: undefined });
  subscriber.on('error', (error) => log.warn({ err: error }, 'live hub'));
  const listeners = new Map<string, Set<Listener>>();
  subscriber.on('messageBuffer', (channel: Buffer, frame: Buffer) => {
    for (const listener of listeners.get(channel.toString()) ?? []) listener(frame);
  });
  return {
    async watch(cameraId, listener) {
      const channel = channelOf(cameraId);
      const present = listeners.get(channel) ?? new Set();
      listeners.set(channel, present.add(listener));
      await subscriber.subscribe(channel);
      return () => {
        present.delete(listener);
        if (present.size > 0 || listeners.get(channel) !== present) return;
        listeners.delete(channel);
        subscriber.unsubscribe(channel).catch((error: unknown) => log.warn({ err: error }, 'live hub'));
      };
    },
    close: () => subscriber.disconnect(),
  };
}
