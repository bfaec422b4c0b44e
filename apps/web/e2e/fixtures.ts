import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, type Cookie, expect, type Page } from '@playwright/test';

export { expect };

/** What the browser complained about; a spec may name what it provokes on purpose. */
export interface Complaints {
  allow(pattern: RegExp): void;
}

/**
 * `page.goto` waits until the page hears clicks: before that a busy machine loses them, as it loses those of a person in a hurry.
 * `page` fails its test on any console error, uncaught exception or server error that the test did not announce.
 */
export const test = base.extend<{ complaints: Complaints }>({
  page: async ({ page }, use) => {
    const goto = page.goto.bind(page);
    page.goto = async (...args) => {
      const response = await goto(...args);
      await page.locator('html[data-alive]').waitFor({ state: 'attached' });
      return response;
    };
    await use(page);
  },
  complaints: [
    async ({ page }, use) => {
      const allowed: RegExp[] = [];
      const seen: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') seen.push(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => seen.push(`uncaught: ${error.message}`));
      page.on('response', (response) => {
        if (response.status() >= 500) seen.push(`${response.status()} ${response.url()}`);
      });
      await use({ allow: (pattern) => allowed.push(pattern) });
      expect(seen.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

const home = process.env.SAFACE_E2E_HOME ?? '';

/** Of the administrator, whom no test signs out; everybody else signs in anew. */
let session: Cookie[] = [];

/** Signs in as one of the people that the demo made: through the form, or on with the session that the form once gave. */
export async function signIn(page: Page, who: 'admin' | 'operator' = 'admin'): Promise<void> {
  if (who === 'admin' && session.length > 0) return page.context().addCookies(session);
  const secrets = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Record<string, string>;
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(`${who}@saface.local`);
  await page.getByLabel('Password', { exact: true }).fill(secrets[`${who}Password`]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  if (who === 'admin') session = await page.context().cookies();
}
