import type { PrismaClient } from '@saface/db';
import { CONSENT_GRACE_DAYS } from '../../lib/consent.ts';
import { formatDate, plural } from '../../lib/format.ts';
import type { OverviewSite } from '../api/views.ts';

type Alert = OverviewSite['alerts'][number];

const DAY_MS = 24 * 3_600_000;
/** How long before a consent ends it is told of. */
const NOTICE_DAYS = 14;
const href = '/galleries';

interface Ending {
  readonly name: string;
  readonly expiresAt: number;
}

/** Whose consent ends soon, and who is about to be erased because it has ended: nobody should find that out at the door. */
export async function consentAlerts(prisma: PrismaClient, now = Date.now()): Promise<Alert[]> {
  const rows = await prisma.identity.findMany({
    where: { consentExpiresAt: { lt: new Date(now + NOTICE_DAYS * DAY_MS) } },
    select: { name: true, consentExpiresAt: true },
    orderBy: { consentExpiresAt: 'asc' },
  });
  const all = rows.map(({ name, consentExpiresAt }) => ({ name, expiresAt: consentExpiresAt!.getTime() }));
  return describeConsents(all, now);
}

/** @param endings of consents that have ended or are about to, the earliest first */
export function describeConsents(endings: readonly Ending[], now: number): Alert[] {
  const over = endings.filter(({ expiresAt }) => expiresAt < now);
  const soon = endings.filter(({ expiresAt }) => expiresAt >= now);
  const alerts: Alert[] = [];
  if (over[0])
    alerts.push({
      severity: 'error',
      message: `${whose(over)} consent has ended: ${over.length === 1 ? 'this person is' : 'these people are'} not recognised any more`,
      remedy: `Renew it, or all data is deleted: from ${formatDate(over[0].expiresAt + CONSENT_GRACE_DAYS * DAY_MS)} on.`,
      href,
    });
  if (soon[0])
    alerts.push({
      severity: 'warning',
      message: `${whose(soon)} consent ends on ${formatDate(soon[0].expiresAt)}${soon.length > 1 ? ' or soon after' : ''}`,
      remedy: 'Renew it under Galleries: without consent nobody is recognised.',
      href,
    });
  return alerts;
}

const whose = ([first, ...others]: readonly Ending[]) =>
  others.length === 0
    ? `${first!.name}'s`
    : `${first!.name}'s and ${plural(others.length, "other person's", "other people's")}`;
