import { loadKeyFile } from '@saface/agent-kit/sealed-file';
import { describeError, queues } from '@saface/core';
import { createPrisma } from '@saface/db';
import { createArtifactStore } from '@saface/db/artifact-store';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { env } from '../env.ts';
import type { Deps } from './deps.ts';
import { enrolmentCheckHandler } from './jobs/enrolment-check.ts';
import { createFaceToolbox } from './jobs/face-tools.ts';
import { addMissingTemplates } from './jobs/missing-templates.ts';
import { startWorkers } from './jobs/registry.ts';
import { retentionHandler } from './jobs/retention.ts';

const RETENTION_EVERY_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;
/** Exit at the latest this long after SIGTERM; what is cut off stays pending and is done again. */
const GRACE_MS = 4_000;

const settings = env();
const log = pino({ level: settings.LOG_LEVEL, base: { process: 'worker' } }, pino.destination(2));
const key = await loadKeyFile(settings.SAFACE_KEY_FILE);
if (key === null) throw new Error('SAFACE_KEY_FILE names no key');
const prisma = createPrisma(settings.DATABASE_URL, { poolSize: 4 });
// Workers wait for Redis to come back, however long that takes.
const redis = new Redis(settings.REDIS_URL, { maxRetriesPerRequest: null });
redis.on('error', (error) => log.warn({ err: error }, 'redis'));
const enrolmentQueue = new Queue(queues.enrolmentCheck.name, { connection: redis });
const retentionQueue = new Queue(queues.retention.name, { connection: redis });
const deps: Deps = {
  prisma,
  redis,
  key,
  log,
  enrolmentQueue,
  artifacts: createArtifactStore(settings.SAFACE_HOME, key),
};

const toolsFor = createFaceToolbox(deps, settings.SAFACE_THREADS);
const workers = startWorkers([enrolmentCheckHandler(deps, toolsFor), retentionHandler(deps)], {
  connection: redis,
  log,
});
await retentionQueue.upsertJobScheduler(
  'hourly',
  { every: RETENTION_EVERY_MS },
  { name: queues.retention.name, data: {} },
);

/** Rows carry the state: pictures whose job was lost (Redis away or emptied) get another one. */
async function lookAround(): Promise<void> {
  const pending = await prisma.enrolmentImage.findMany({
    where: { status: 'pending' },
    select: { id: true },
    take: 500,
  });
  for (const { id } of pending) {
    const job = await enrolmentQueue.getJob(id);
    const state = await job?.getState();
    if (state === 'failed' || state === 'completed') await job?.remove();
    await enrolmentQueue.add(queues.enrolmentCheck.name, { enrolmentImageId: id }, { jobId: id });
  }
  const added = await addMissingTemplates(deps, toolsFor);
  if (added > 0) log.info({ added }, 'templates of seeded pictures');
}

const look = () => lookAround().catch((error: unknown) => log.warn(describeError(error)));
await look();
const timer = setInterval(look, LOOK_EVERY_MS);
log.info('ready');

async function stop(): Promise<void> {
  clearInterval(timer);
  setTimeout(() => process.exit(0), GRACE_MS).unref();
  await workers.close();
  await Promise.all([enrolmentQueue.close(), retentionQueue.close(), prisma.$disconnect()]);
  redis.disconnect();
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
