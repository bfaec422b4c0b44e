import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteTriplets } from '@saface/db/repositories/triplets';
import { CONSENT_GRACE_DAYS } from '../../lib/consent.ts';
import type { RetentionPeriod, RetentionPolicy, StoredRetention } from '../../lib/retention.ts';
import type { Deps } from '../deps.ts';
import { systemActor } from '../services/actor.ts';
import { eraseIdentity } from '../services/erasure.ts';
import { retentionPolicy } from '../services/retention-policy.ts';
import type { JobHandler } from './registry.ts';

const DAY_MS = 24 * 3_600_000;
const before = (days: number) => new Date(Date.now() - days * DAY_MS);

/**
 * Deletes what its retention period has passed, and files that no row names. The audit log is never shortened. Events count
 * from when they came: the clock of a camera may stand in 1970 or run years ahead.
 */
export function retentionHandler(deps: Deps): JobHandler<'retention'> {
  return {
    queue: 'retention',
    concurrency: 1,
    async run() {
      const { prisma, artifacts, log } = deps;
      const stored = await retentionPolicy(prisma);
      const { policy, unusable } = stored;
      if (Object.keys(unusable).length > 0)
        log.error(
          { unusable },
          'retention periods that cannot be used: nothing is deleted by them until they are set on the Audit page',
        );
      const people = await eraseWithoutConsent(deps, policy);
      const crops = await dropEventCrops(deps, stored);
      const by = periodsOf(stored);
      const triplets = await deleteTriplets(prisma, { createdAt: by('cropDays') });
      await artifacts.release(prisma, triplets.files);
      const points = 'curveDays' in unusable ? 0 : await dropCurves(prisma, before(policy.curveDays));
      const [events, metrics, logs, receipts, commands] = await prisma.$transaction([
        prisma.event.deleteMany({ where: { receivedAt: by('eventDays') } }),
        prisma.metricSample.deleteMany({ where: { time: by('metricDays') } }),
        prisma.agentLog.deleteMany({ where: { time: by('logDays') } }),
        prisma.outboxReceipt.deleteMany({ where: { receivedAt: by('receiptDays') } }),
        prisma.command.deleteMany({ where: { acknowledgedAt: by('commandDays') } }),
      ]);
      const files = await sweepFiles(deps);
      const counts = { events: events.count, metrics: metrics.count, logs: logs.count, receipts: receipts.count };
      log.info(
        { ...counts, commands: commands.count, points, people, crops, triplets: triplets.count, files },
        'retention',
      );
    },
  };
}

/** Before the dawn of computers, where a period cannot be used: then there is nothing to delete. */
const NEVER = new Date(0);

/** Filters of what is older than its period. */
const periodsOf =
  ({ policy, unusable }: StoredRetention) =>
  (period: RetentionPeriod) => ({ lt: period in unusable ? NEVER : before(policy[period]) });

/** People whose consent ended and was not renewed: nobody recognises them any more, and nothing of them is needed. */
async function eraseWithoutConsent(deps: Deps, { retireVersions }: RetentionPolicy): Promise<number> {
  const over = await deps.prisma.identity.findMany({
    where: { consentExpiresAt: { lt: before(CONSENT_GRACE_DAYS) } },
    select: { id: true, consentExpiresAt: true },
  });
  for (const { id, consentExpiresAt } of over) {
    const reason = `Consent ended on ${consentExpiresAt!.toISOString().slice(0, 10)} and was not renewed`;
    await eraseIdentity({ ...deps, actor: systemActor }, { id, reason, retireVersions });
  }
  return over.length;
}

/** Pictures go sooner than the rows that tell what was seen, and with them at the latest. */
async function dropEventCrops({ prisma, artifacts }: Deps, { policy, unusable }: StoredRetention): Promise<number> {
  const periods = (['cropDays', 'eventDays'] as const).filter((period) => !(period in unusable));
  if (periods.length === 0) return 0;
  const days = Math.min(...periods.map((period) => policy[period]));
  const old = await prisma.event.findMany({
    where: { receivedAt: { lt: before(days) }, cropSha256: { not: null } },
    select: { id: true, cropSha256: true },
  });
  await prisma.event.updateMany({ where: { id: { in: old.map(({ id }) => id) } }, data: { cropSha256: null } });
  return artifacts.release(
    prisma,
    old.map(({ cropSha256 }) => cropSha256),
  );
}

/** Of runs that nothing was heard of since; each keeps its last point, which says where the loss ended. */
const dropCurves = (prisma: Deps['prisma'], since: Date): Promise<number> => prisma.$executeRaw`
  DELETE FROM "LossPoint" AS point USING "TrainingRun" AS run
   WHERE run."id" = point."runId" AND run."updatedAt" < ${since}
     AND EXISTS (SELECT 1 FROM "LossPoint" AS later WHERE later."runId" = point."runId" AND later."step" > point."step")`;

/** A file is written before its row and deleted after it: only what is older than a day is nobody's. */
async function sweepFiles({ prisma, artifacts }: Deps): Promise<number> {
  let swept = 0;
  for (const shelf of await readdir(artifacts.folder).catch(() => [])) {
    const names = await readdir(join(artifacts.folder, shelf));
    const rows = await prisma.artifact.findMany({ where: { sha256: { in: names } }, select: { sha256: true } });
    const known = new Set(rows.map(({ sha256 }) => sha256));
    for (const name of names) {
      const path = join(artifacts.folder, shelf, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (mtimeMs > Date.now() - DAY_MS) continue;
      if (!known.has(name)) {
        await rm(path, { force: true });
        swept++;
      } else swept += await artifacts.release(prisma, [name]);
    }
  }
  return swept;
}
