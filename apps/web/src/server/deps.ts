import type { PrismaClient } from '@saface/db';
import type { ArtifactStore } from '@saface/db/artifact-store';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Actor } from './services/actor.ts';

/** Everything a service works with; made once per process (container.ts), by hand in tests. */
export interface Deps {
  readonly prisma: PrismaClient;
  readonly redis: Redis;
  readonly artifacts: ArtifactStore;
  /** Seals what lies in the database: ingest keys and templates. */
  readonly key: Buffer;
  readonly enrolmentQueue: Queue;
  readonly importQueue: Queue;
  readonly moveQueue: Queue;
  readonly pretrainingQueue: Queue;
  /** Labelled folders for pre-training lie below it. */
  readonly datasetsDir: string;
  readonly log: Logger;
}

/** A service's first argument: what it works with and on whose behalf. */
export interface ServiceContext extends Deps {
  readonly actor: Actor;
}
