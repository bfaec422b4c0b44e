import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';

const home = '/tmp/vis10';
const secrets = JSON.parse(readFileSync(home + '/secrets.json', 'utf8'));
const out = '/tmp/shots';
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
const base = 'http://localhost:3100';
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
const go = async (p: any, url: string) => {
  await p.goto(base + url);
  await p.locator('html[data-alive]').waitFor({ state: 'attached' });
};
await go(page, '/sign-in');
await page.getByLabel('E-mail').fill('admin@saface.local');
await page.getByLabel('Password', { exact: true }).fill(secrets.adminPassword);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.waitForURL((u) => !/sign-in/.test(u.href));
const cookies = await context.cookies();
const what = process.argv[2];
for (const [w, h] of [
  [1440, 900],
  [390, 844],
] as const)
  for (const scheme of ['light', 'dark'] as const) {
    const c = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme });
    await c.addCookies(cookies);
    const p = await c.newPage();
    if (what === 'token') {
      await go(p, '/fleet');
      await p.getByRole('button', { name: 'Enrolment token' }).click();
      await p.getByRole('button', { name: 'Create token' }).click();
      await p.getByText(/npm run/).waitFor();
      await p.waitForTimeout(400);
    } else if (what === 'policies') {
      await go(p, '/scenarios/demo-scenario-corridor');
      await p.getByLabel('False alarms a week').scrollIntoViewIfNeeded();
      await p.waitForTimeout(1200);
    } else if (what === 'live') {
      await go(p, '/live');
      await p.waitForTimeout(4000);
    } else {
      await go(p, what!);
      await p.waitForTimeout(2500);
    }
    const name = what!.replace(/\W+/g, '_');
    await p.screenshot({ path: `${out}/${name}-${w}-${scheme}.png` });
    await c.close();
  }
await browser.close();
