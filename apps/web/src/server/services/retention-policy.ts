import type { Db } from '@saface/db';
import { CONSENT_GRACE_DAYS } from '../../lib/consent.ts';
import {
  type RetentionPeriod,
  type RetentionPolicy,
  readRetention,
  retentionPeriods,
  type StoredRetention,
} from '../../lib/retention.ts';
import type { ServiceContext } from '../deps.ts';
import { audited } from './audited.ts';

const KEY = 'retention';
const DAY_MS = 24 * 3_600_000;

export async function retentionPolicy(db: Pick<Db, 'setting'>): Promise<StoredRetention> {
  const row = await db.setting.findUnique({ where: { key: KEY } });
  return readRetention(row?.value);
}

/** The periods, and when the oldest of each class is due to be deleted; null = there is none, or no period to go by. */
export async function getRetention({ prisma }: ServiceContext) {
  const { policy, unusable } = await retentionPolicy(prisma);
  const oldest = await oldestOfEach(prisma);
  const due = (since: Date | null, days: number) => since && since.getTime() + days * DAY_MS;
  const over = await prisma.identity.aggregate({ _min: { consentExpiresAt: true } });
  return {
    policy,
    unusable,
    next: Object.fromEntries(
      retentionPeriods.map((period) => [period, period in unusable ? null : due(oldest[period], policy[period])]),
    ) as Record<RetentionPeriod, number | null>,
    nextErasure: due(over._min.consentExpiresAt, CONSENT_GRACE_DAYS),
  };
}

/** By the times that the retention job goes by. */
async function oldestOfEach(prisma: ServiceContext['prisma']): Promise<Record<RetentionPeriod, Date | null>> {
  const [crop, triplet, event, metric, log, receipt, command, [curve]] = await Promise.all([
    prisma.event.aggregate({ where: { cropSha256: { not: null } }, _min: { receivedAt: true } }),
    prisma.tripletExample.aggregate({ _min: { createdAt: true } }),
    prisma.event.aggregate({ _min: { receivedAt: true } }),
    prisma.metricSample.aggregate({ _min: { time: true } }),
    prisma.agentLog.aggregate({ _min: { time: true } }),
    prisma.outboxReceipt.aggregate({ _min: { receivedAt: true } }),
    prisma.command.aggregate({ _min: { acknowledgedAt: true } }),
    // A run whose curve has gone keeps its last point.
    prisma.$queryRaw<{ oldest: Date | null }[]>`
      SELECT min(run."updatedAt") AS oldest FROM "TrainingRun" AS run
       WHERE (SELECT count(*) FROM "LossPoint" AS point WHERE point."runId" = run."id") > 1`,
  ]);
  const crops = [crop._min.receivedAt, triplet._min.createdAt].filter((date) => date !== null);
  return {
    cropDays: crops.length > 0 ? new Date(Math.min(...crops.map((date) => date.getTime()))) : null,
    eventDays: event._min.receivedAt,
    metricDays: metric._min.time,
    logDays: log._min.time,
    receiptDays: receipt._min.receivedAt,
    curveDays: curve?.oldest ?? null,
    commandDays: command._min.acknowledgedAt,
  };
}

export function updateRetention(ctx: ServiceContext, policy: RetentionPolicy) {
  return audited(ctx, async (tx) => {
    const before = await retentionPolicy(tx);
    const from = { ...before.policy, ...before.unusable };
    await tx.setting.upsert({ where: { key: KEY }, create: { key: KEY, value: policy }, update: { value: policy } });
    return {
      value: policy,
      record: { action: 'retention.update', subjectKind: 'retention', subjectId: KEY, data: { from, to: policy } },
    };
  });
}
