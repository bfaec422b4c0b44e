import { type RecognitionEvent, recognitionEventSchema } from '@saface/core';
import type { Redis } from 'ioredis';
import type { Vault } from '../control/vault.ts';

/** Events whose track has not ended, kept outside the process. Losing it is no loss of events, only of their end; so it never throws. */
export interface EventJournal {
  open(event: RecognitionEvent): Promise<void>;
  close(eventId: string): Promise<void>;
  load(): Promise<RecognitionEvent[]>;
}

export function redisEventJournal(redis: Redis, vault: Vault, agentId: string): EventJournal {
  const key = `saface:${agentId}:open-events`;
  const quietly = async (action: () => Promise<unknown>): Promise<void> => {
    // The outbox reports a Redis that is away.
    await action().catch(() => undefined);
  };
  return {
    open: (event) => quietly(() => redis.hset(key, event.id, vault.seal(Buffer.from(JSON.stringify(event)), key))),
    close: (eventId) => quietly(() => redis.hdel(key, eventId)),
    async load() {
      const sealed = await redis.hvalsBuffer(key).catch(() => []);
      return sealed.flatMap((bytes) => {
        try {
          const parsed = recognitionEventSchema.safeParse(JSON.parse(vault.open(bytes, key).toString('utf8')));
          return parsed.success ? [parsed.data] : [];
        } catch {
          return [];
        }
      });
    },
  };
}
