import { chromium } from '@playwright/test';

const [, , out, pw, ...paths] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, vp] of [
  ['d', { width: 1440, height: 900 }],
  ['m', { width: 390, height: 844 }],
] as const)
  for (const scheme of ['light', 'dark'] as const) {
    const ctx = await b.newContext({ viewport: vp, colorScheme: scheme, baseURL: 'http://localhost:3100' });
    const page = await ctx.newPage();
    page.on('console', (m) => {
      if (m.type() === 'error') console.log('CONSOLE', name, scheme, page.url(), m.text());
    });
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill('admin@saface.local');
    await page.getByLabel('Password', { exact: true }).fill(pw);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL((u) => !u.pathname.includes('sign-in'));
    for (const p of paths) {
      await page.goto(p);
      await page.waitForTimeout(4000);
      await page.screenshot({
        path: `${out}/${p.replace(/\W+/g, '_') || 'home'}-${name}-${scheme}.png`,
        fullPage: false,
      });
    }
    await ctx.close();
  }
await b.close();
