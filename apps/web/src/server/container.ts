import { loadKeyFile } from '@saface/agent-kit/sealed-file';
import { queues } from '@saface/core';
import { createPrisma } from '@saface/db';
import { createArtifactStore } from '@saface/db/artifact-store';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import { datasetsDir, type Env, env } from '../env.ts';
import { type Auth, createAuth } from './auth/auth.ts';
import type { Deps } from './deps.ts';
import { createLiveHub, type LiveHub } from './live/live-hub.ts';
import { redisForRequests, withoutTimeout } from './redis.ts';

export interface Container extends Deps {
  readonly env: Env;
  readonly auth: Auth;
  readonly hub: LiveHub;
}

async function build(): Promise<Container> {
  const settings = env();
  const log = pino({ level: settings.LOG_LEVEL, base: { process: 'web' } }, pino.destination(2));
  const key = await loadKeyFile(settings.SAFACE_KEY_FILE);
  if (key === null) throw new Error('SAFACE_KEY_FILE names no key');
  const prisma = createPrisma(settings.DATABASE_URL);
  const redis = redisForRequests(settings.REDIS_URL);
  const queueRedis = withoutTimeout(redis);
  for (const connection of [redis, queueRedis]) connection.on('error', (error) => log.warn({ err: error }, 'redis'));
  const queue = (name: string) => {
    const opened = new Queue(name, { connection: queueRedis });
    opened.on('error', (error) => log.warn({ err: error, queue: name }, 'queue'));
    return opened;
  };
  return {
    env: settings,
    log,
    key,
    prisma,
    redis,
    enrolmentQueue: queue(queues.enrolmentCheck.name),
    importQueue: queue(queues.modelImport.name),
    moveQueue: queue(queues.baseModelMove.name),
    pretrainingQueue: queue(queues.pretraining.name),
    datasetsDir: datasetsDir(settings),
    hub: createLiveHub(redis, log),
    artifacts: createArtifactStore(settings.SAFACE_HOME, key),
    auth: createAuth({
      prisma,
      redis,
      secret: settings.SAFACE_AUTH_SECRET,
      publicUrl: settings.SAFACE_PUBLIC_URL,
    }),
  };
}

// Next may load this module once per bundle; the process has one set of connections all the same.
const holder = globalThis as typeof globalThis & { safaceContainer?: Promise<Container> };

export function container(): Promise<Container> {
  holder.safaceContainer ??= build();
  return holder.safaceContainer;
}
