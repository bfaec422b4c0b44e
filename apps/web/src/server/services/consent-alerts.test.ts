import { expect, it } from 'vitest';
import { describeConsents } from './consent-alerts.ts';

const DAY_MS = 24 * 3_600_000;
const now = Date.parse('2026-11-30T12:00:00Z');
const at = (days: number) => now + days * DAY_MS;

it('says nothing where no consent ends', () => {
  expect(describeConsents([], now)).toEqual([]);
});

it('tells of consents that are over before those that end soon', () => {
  const alerts = describeConsents(
    [
      { name: 'Ada', expiresAt: at(-10) },
      { name: 'Bo', expiresAt: at(-1) },
      { name: 'Cy', expiresAt: at(3) },
    ],
    now,
  );
  expect(alerts.map(({ severity }) => severity)).toEqual(['error', 'warning']);
  expect(alerts[0]!.message).toBe(
    "Ada's and 1 other person's consent has ended: these people are not recognised any more",
  );
  // Thirty days after the first of them ended.
  expect(alerts[0]!.remedy).toContain('20 Dec 2026');
  expect(alerts[1]!.message).toBe("Cy's consent ends on 3 Dec 2026");
});
