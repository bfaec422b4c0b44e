import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, signIn, test } from './fixtures.ts';

const home = process.env.SAFACE_E2E_HOME ?? '';

/** Process id that the supervisor noted; null while the service is down. */
function pidOf(service: string): number | null {
  try {
    return Number(readFileSync(join(home, 'run', `${service}.pid`), 'utf8'));
  } catch {
    return null;
  }
}

/** A test that kills a service of the stack without warning, and sees it come back and people recognised. */
export function comesBack(service: string): void {
  test(`${service} comes back after a kill, and recognition goes on`, async ({ page, complaints }) => {
    complaints.allow(/50\d|Failed to load resource/);
    await signIn(page);
    await page.goto('/audit');
    const newest = async () => {
      const input = encodeURIComponent(JSON.stringify({ limit: 1 }));
      const answer = await page.request
        .get(`/api/trpc/events.list?input=${input}`, { timeout: 10_000 })
        .catch(() => null);
      if (!answer?.ok()) return 0;
      const body = (await answer.json()) as { result: { data: { items: { firstSeen: number }[] } } };
      return body.result.data.items[0]?.firstSeen ?? 0;
    };
    await expect.poll(newest).toBeGreaterThan(0);

    const before = pidOf(service);
    expect(before).not.toBeNull();
    const killedAt = Date.now();
    process.kill(before ?? 0, 'SIGKILL');

    await expect.poll(() => pidOf(service) ?? before, { timeout: 90_000 }).not.toBe(before);
    await expect
      .poll(async () => (await page.request.get('/api/ready', { timeout: 5000 }).catch(() => null))?.status() ?? 0, {
        timeout: 90_000,
      })
      .toBe(200);
    // Somebody who came into view after the kill was recognised, or honestly called unknown.
    await expect.poll(newest, { timeout: 150_000 }).toBeGreaterThan(killedAt);
  });
}
