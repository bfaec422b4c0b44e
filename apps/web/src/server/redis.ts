import { Redis } from 'ioredis';

/** A Redis that hangs refuses nothing: without an end to waiting, an edge's pull would never be answered. */
const ANSWER_WITHIN_MS = 2_000;

/** What requests ask: a command that cannot be sent now, or gets no answer, fails, for no request must wait for a Redis that is away. */
export function redisForRequests(url: string, { answerWithin = ANSWER_WITHIN_MS } = {}): Redis {
  return new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: true, commandTimeout: answerWithin });
}

/** Like `redis`, for what waits by nature: BullMQ's connection is unusable for good when its first command times out. */
export const withoutTimeout = (redis: Redis): Redis => redis.duplicate({ commandTimeout: undefined });
