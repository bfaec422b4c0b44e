import { join } from 'node:path';
import { loadKeyFile } from '@saface/agent-kit/sealed-file';
import { describeError, queues } from '@saface/core';
import { createPrisma } from '@saface/db';
import { createArtifactStore } from '@saface/db/artifact-store';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { datasetsDir, env } from '../env.ts';
import type { Deps } from './deps.ts';
import { again } from './jobs/again.ts';
import { baseModelMoveHandler } from './jobs/base-model-move.ts';
import { enrolmentCheckHandler } from './jobs/enrolment-check.ts';
import { addMissingCrops } from './jobs/enrolment-crops.ts';
import { createFaceToolbox } from './jobs/face-tools.ts';
import { modelImportHandler } from './jobs/model-import.ts';
import { pretrainingHandler } from './jobs/pretraining.ts';
import { modelFileReader } from './jobs/read-model-file.ts';
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
const importQueue = new Queue(queues.modelImport.name, { connection: redis });
const moveQueue = new Queue(queues.baseModelMove.name, { connection: redis });
const pretrainingQueue = new Queue(queues.pretraining.name, { connection: redis });
const retentionQueue = new Queue(queues.retention.name, { connection: redis });
const deps: Deps = {
  prisma,
  redis,
  key,
  log,
  enrolmentQueue,
  importQueue,
  moveQueue,
  pretrainingQueue,
  datasetsDir: datasetsDir(settings),
  artifacts: createArtifactStore(settings.SAFACE_HOME, key),
};

const toolsFor = createFaceToolbox(deps, settings.SAFACE_THREADS);
const enrolmentChecks = enrolmentCheckHandler(deps, toolsFor);
const modelImports = modelImportHandler(
  deps,
  modelFileReader({ modelsDir: join(settings.SAFACE_HOME, 'models'), threads: settings.SAFACE_THREADS }),
);
const baseModelMoves = baseModelMoveHandler(deps, toolsFor);
const workers = startWorkers(
  [
    enrolmentChecks,
    modelImports,
    baseModelMoves,
    pretrainingHandler(deps, { home: settings.SAFACE_HOME, threads: settings.SAFACE_THREADS }),
    retentionHandler(deps),
  ],
  { connection: redis, log },
);
await retentionQueue.upsertJobScheduler(
  'hourly',
  { every: RETENTION_EVERY_MS },
  { name: queues.retention.name, data: {} },
);

/** Rows carry the state: whatever is pending gets a job, and pictures get the crops that base models in use want. */
async function lookAround(): Promise<void> {
  const one = { select: { id: true }, take: 500 } as const;
  const pictures = await prisma.enrolmentImage.findMany({ where: { status: 'pending' }, ...one });
  for (const { id } of pictures)
    await again(enrolmentQueue, { id, payload: { enrolmentImageId: id }, giveUp: enrolmentChecks.giveUp });
  const imports = await prisma.modelImport.findMany({ where: { status: 'pending' }, ...one });
  for (const { id } of imports)
    await again(importQueue, { id, payload: { modelImportId: id }, giveUp: modelImports.giveUp });
  const moves = await prisma.baseModelMove.findMany({ where: { status: 'preparing' }, ...one });
  for (const { id } of moves) await again(moveQueue, { id, payload: { moveId: id }, giveUp: baseModelMoves.giveUp });
  const trainings = await prisma.pretraining.findMany({ where: { status: { in: ['queued', 'running'] } }, ...one });
  for (const { id } of trainings) await again(pretrainingQueue, { id, payload: { pretrainingId: id } });
  const added = await addMissingCrops(deps, toolsFor);
  if (added > 0) log.info({ added }, 'crops and templates of enrolled pictures');
}

const look = () => lookAround().catch((error: unknown) => log.warn(describeError(error)));
await look();
const timer = setInterval(look, LOOK_EVERY_MS);
log.info('ready');

async function stop(): Promise<void> {
  clearInterval(timer);
  setTimeout(() => process.exit(0), GRACE_MS).unref();
  await workers.close();
  const queuesOpen = [enrolmentQueue, importQueue, moveQueue, pretrainingQueue, retentionQueue];
  await Promise.all([...queuesOpen.map((queue) => queue.close()), prisma.$disconnect()]);
  redis.disconnect();
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
