import { chromium } from '@playwright/test';

const [, , out, pw] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, vp] of [
  ['d', { width: 1440, height: 900 }],
  ['m', { width: 390, height: 844 }],
] as const)
  for (const scheme of ['light', 'dark'] as const) {
    const ctx = await b.newContext({ viewport: vp, colorScheme: scheme, baseURL: 'http://localhost:3100' });
    const page = await ctx.newPage();
    page.setDefaultTimeout(20000);
    page.on('console', (m) => {
      if (m.type() === 'error') console.log('CONSOLE', name, scheme, page.url(), m.text());
    });
    const shot = (n: string) => page.screenshot({ path: `${out}/${n}-${name}-${scheme}.png` });
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill('admin@saface.local');
    await page.getByLabel('Password', { exact: true }).fill(pw);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL((u) => !u.pathname.includes('sign-in'));
    try {
      await page.goto('/galleries');
      await page.getByText('Tane Dlamini').first().click();
      await page.waitForURL(/identities/);
      await page.waitForTimeout(2500);
      await shot('identity');
      await page.getByRole('button', { name: /erase/i }).first().click();
      await page.waitForTimeout(1500);
      await shot('erase');
      await page.keyboard.press('Escape');
      await page.goto('/scenarios');
      await page.getByRole('link', { name: 'Corridor' }).first().click();
      await page.waitForTimeout(3500);
      await shot('scenario');
      await page.evaluate(() => {
        const m = document.querySelector('main')!;
        (m.scrollHeight > m.clientHeight ? m : document.scrollingElement!).scrollTo(0, 700);
        window.scrollTo(0, 700);
      });
      await page.waitForTimeout(800);
      await shot('scenario2');
      const prov = page.getByRole('button', { name: /provenance|origin|details/i }).first();
      if (await prov.count()) {
        await prov.click();
        await page.waitForTimeout(1500);
        await shot('provenance');
      } else console.log('no provenance button');
    } catch (e) {
      console.log(name, scheme, String(e).slice(0, 300));
      await shot('fail');
    }
    await ctx.close();
  }
await b.close();
