import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Agent, freePort, words } from './agent.ts';
import { expect, signIn, test } from './fixtures.ts';
import { world } from './world.ts';

// One running system, watched from the first name on camera to the audit log; what a training run leaves is in versions.spec.ts. Each step builds on what the one before left.
test.describe.configure({ mode: 'serial' });

/** Pictures of simulated people whom nobody has enrolled yet; they walk through both scenes. */
const strangers = join(world.SAFACE_WORLD_DIR, 'strangers');
const visible = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();

/** Whatever the page polls falls due after the call was obeyed and before the page knows. The page's clock must be installed. */
async function answerLate(page: Page, call: string): Promise<void> {
  await page.route(`**/api/trpc/${call}*`, async (route) => {
    const answer = await route.fetch();
    await page.clock.fastForward('00:30');
    await route.fulfill({ response: answer });
  });
}

test('a stranger to the system is sent to sign in, and a wrong password is refused in words', async ({
  page,
  complaints,
}) => {
  complaints.allow(/401/);
  await page.goto('/live');
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Flive$/);
  await page.getByLabel('E-mail').fill('admin@saface.local');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /password/i })).toBeVisible();
});

test('names of enrolled people appear on Live, with the picture', async ({ page }) => {
  await signIn(page);
  await page.goto('/live/demo-camera-entrance');
  await expect(page.getByRole('img', { name: /Live picture of/ })).toBeVisible();
  await expect(page.getByRole('list', { name: 'On camera now' }).getByRole('link').first()).toBeVisible({
    timeout: 120_000,
  });
});

test('somebody enrolled from uploaded pictures is recognised on camera', async ({ page }) => {
  test.setTimeout(400_000);
  const [name] = visible(strangers);
  const pictures = visible(join(strangers, name)).map((file) => join(strangers, name, file));
  await signIn(page, 'operator');
  await page.goto('/galleries');
  await page.getByRole('link', { name: 'Staff' }).first().click();
  // Both pages have the button: without this wait the click may still reach the page that is being left.
  await expect(page.getByRole('heading', { level: 1, name: 'Staff' })).toBeVisible();
  await page.getByRole('button', { name: 'Enrol a person' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Purpose').fill('Shows enrolment in the browser test');
  // A stray click beside it throws nothing away.
  await page.mouse.click(4, 4);
  await dialog.getByRole('button', { name: 'Create and add pictures' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByLabel('Pictures', { exact: true }).setInputFiles(pictures);
  await expect(page.getByText('Accepted').first()).toBeVisible({ timeout: 60_000 });

  await page.goto('/events');
  await expect(page.getByText(name).first()).toBeVisible({ timeout: 300_000 });
  const most = page.getByLabel('Distance at most');
  await most.pressSequentially('0.1234');
  await expect(page).toHaveURL(/maxDistance=0\.1234/);
  await expect(most).toHaveValue('0.1234');
});

test('alpha is refused when it makes no sense; a sensible one reaches the edge, and its batches follow', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/scheduling');
  const alpha = page.getByLabel('Alpha (α)');
  const save = async (value: string) => {
    await alpha.fill(value);
    await page.getByRole('button', { name: 'Save policy' }).click();
  };
  await save('-1');
  await expect(page.getByText(/alpha must be 0 or more/)).toBeVisible();
  await expect(alpha).toBeFocused();
  /** The batch that the edge reports, as a share of what fits into an idle interval. */
  const share = async () => {
    const text = (await page.locator('main').textContent()) ?? '';
    const [, batch] = /reports a batch of ([\d.]+)/.exec(text) ?? [];
    const [, most] = /fit into one idle interval, measured([\d.]+)/.exec(text) ?? [];
    return Number(batch) / Number(most);
  };
  // Somebody is always in view of one of the cameras: the highest alpha leaves training next to nothing.
  await save('10');
  await expect(page.getByText(/alpha must be 0 or more/)).toBeHidden();
  await expect.poll(share, { timeout: 120_000 }).toBeLessThan(0.4);
  await save('0.5');
  await expect.poll(share, { timeout: 120_000 }).toBeGreaterThan(0.6);
  await page.reload();
  await expect(alpha).toHaveValue('0.5');
});

test('a scenario trains when it says, and Training shows it', async ({ page }) => {
  await signIn(page);
  await page.goto('/scenarios/demo-scenario-entrance');
  await page.getByLabel('Training mode').selectOption('periodic');
  const minutes = page.getByLabel('Minutes between runs');
  await minutes.fill('0');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText('the interval must be at least a minute')).toBeVisible();
  await expect(minutes).toBeFocused();
  await minutes.fill('90');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText('Saved')).toBeVisible();
  await page.goto('/training');
  await expect(page.getByRole('list', { name: 'Training modes' })).toContainText('every 90 minutes');
  // As before, so that it goes on learning meanwhile: versions.spec.ts wants to see a version.
  await page.goto('/scenarios/demo-scenario-entrance');
  await page.getByLabel('Training mode').selectOption('as-edge');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText('Saved')).toBeVisible();
  // What deletes asks first.
  await page.getByRole('switch', { name: 'Learn from this scenario' }).click();
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByRole('dialog')).toContainText('are deleted on its edge');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Learn from this scenario' })).toBeChecked();
});

test('another threshold is tried on the people who passed, and decides until it is taken away', async ({ page }) => {
  await signIn(page);
  await page.goto('/scenarios/demo-scenario-corridor');
  const slider = page.getByRole('slider', { name: 'Try a threshold' });
  await slider.press('ArrowRight');
  await expect(page.getByText(/would be named/)).toBeVisible();
  await page.getByRole('button', { name: /^Decide with/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByText(/A track is named within .*, set by hand/)).toBeVisible();
  // The button that asked is gone.
  await expect(page.locator('main')).toBeFocused();
  const own = page.getByLabel('Distance threshold');
  await expect(own).not.toHaveValue('');
  await own.fill('');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText(/A track is named within/)).not.toContainText('set by hand');
});

test('whoever is disabled is taken off Live at once and kept out, until given a new password', async ({
  page,
  browser,
  complaints,
}) => {
  complaints.allow(/401/);
  await signIn(page);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add user' }).click();
  const fill = async (fields: Record<string, string>) => {
    for (const [label, value] of Object.entries(fields)) await page.getByRole('dialog').getByLabel(label).fill(value);
  };
  await fill({ Name: 'Night guard', 'E-mail': 'guard@saface.local', Password: 'the first password' });
  await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click();
  await expect(page.getByRole('button', { name: 'Disable Night guard' })).toBeVisible();

  const role = page.getByLabel('Role of Night guard', { exact: true });
  for (const [answer, outcome] of [
    ['Cancel', 'viewer'],
    ['Change role', 'auditor'],
  ] as const) {
    await role.selectOption('auditor');
    await page.getByRole('dialog').getByRole('button', { name: answer }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(role).toHaveValue(outcome);
  }

  const guard = await (await browser.newContext()).newPage();
  const enter = async (password: string) => {
    await guard.locator('html[data-alive]').waitFor({ state: 'attached' });
    await guard.getByLabel('E-mail').fill('guard@saface.local');
    await guard.getByLabel('Password', { exact: true }).fill(password);
    await guard.getByRole('button', { name: 'Sign in' }).click();
  };
  await guard.goto('/sign-in');
  await enter('the first password');
  await expect(guard).not.toHaveURL(/sign-in/);
  await guard.goto('/live/demo-camera-entrance');
  await expect(guard.getByRole('img', { name: /Live picture of/ })).toBeVisible();

  await page.getByRole('button', { name: 'Disable Night guard' }).click();
  await page.getByRole('button', { name: 'Disable user' }).click();
  await expect(page.getByText('Disabled', { exact: true })).toBeVisible();
  await expect(guard).toHaveURL(/sign-in/);
  await enter('the first password');
  await expect(guard.getByRole('alert').filter({ hasText: /password/i })).toBeVisible();

  await page.getByRole('button', { name: 'Enable Night guard' }).click();
  await fill({ 'New password': 'the second password' });
  await page.getByRole('button', { name: 'Enable user' }).click();
  await expect(page.getByText('Disabled', { exact: true })).toBeHidden();
  await enter('the second password');
  // Back where they were when they were signed out.
  await expect(guard).toHaveURL(/\/live\/demo-camera-entrance$/);
  await guard.context().close();
});

test('an edge on a machine of its own joins by the command that Fleet shows, once it is accepted', async ({ page }) => {
  await signIn(page);
  await page.goto('/fleet');
  await page.getByRole('button', { name: 'New edge' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Annex');
  await page.getByRole('button', { name: 'Create edge' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Annex' });
  await expect(row.getByText('Not enrolled')).toBeVisible();
  await page.getByRole('button', { name: 'Enrolment token' }).click();
  await page.getByRole('dialog').getByLabel('Edge', { exact: true }).selectOption({ label: 'Annex' });
  await page.getByRole('button', { name: 'Create token' }).click();
  const shown = (await page.getByText(/npm run edge/).textContent()) ?? '';
  const [, token, args] = /^SAFACE_EDGE_TOKEN=(\S+) npm run edge -- (.+)$/.exec(shown) ?? [];
  expect(token).toBeTruthy();
  await page.getByRole('button', { name: 'Done' }).click();

  const home = mkdtempSync(join(tmpdir(), 'saface-annex-'));
  const annex = new Agent(['edge', ...words(args), '--port', String(await freePort())], {
    SAFACE_HOME: home,
    SAFACE_EDGE_TOKEN: token,
  });
  try {
    await row.getByRole('button', { name: /^Accept/ }).click();
    await expect(row.getByText('Online')).toBeVisible();
  } finally {
    await annex.stop();
  }
  expect(await annex.ended, annex.said).toBe(0);
  rmSync(home, { recursive: true });
});

test('what is no longer wanted is renamed or deleted, and says before what stands in the way', async ({
  page,
  complaints,
}) => {
  complaints.allow(/409/);
  await signIn(page);
  await page.goto('/fleet');
  const dialog = page.getByRole('dialog');
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const call = async (name: string, label: string) => {
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByRole('button', { name: label, exact: true }).click();
  };
  const sites = page.getByRole('table', { name: 'Sites' });
  await press('New site');
  await call('Mill', 'Create site');
  await press('Edit Mill');
  await call('Harbour House', 'Save site');
  await expect(dialog).toContainText('There is already one of that name');
  await call('Old mill', 'Save site');
  await expect(sites).toContainText('Old mill');

  await page.goto('/scenarios');
  await press('New scenario');
  await dialog.getByLabel('Site', { exact: true }).selectOption({ label: 'Old mill' });
  await call('Wheel', 'Create scenario');
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toContainText('Wheel');
  await press('Rename');
  await call('Water wheel', 'Rename');
  await expect(heading).toContainText('Water wheel');

  await page.clock.install();
  await page.goto('/fleet');
  await press('Delete Old mill');
  await expect(dialog).toContainText('It still has 1 scenario.');
  await dialog.getByRole('link', { name: 'Scenarios' }).click();
  await page.getByRole('link', { name: 'Water wheel' }).click();
  await expect(heading).toContainText('Water wheel');
  await press('Delete');
  await expect(dialog).toContainText('it has learnt and seen nothing yet');
  await dialog.getByLabel('to confirm').fill('Water wheel');
  await answerLate(page, 'scenarios.delete');
  await press('Delete scenario');
  await expect(page).toHaveURL(/\/scenarios$/);
  await expect(page.getByRole('table', { name: 'Scenarios' })).not.toContainText('Water wheel');
  await page.goto('/fleet');
  await press('Delete Old mill');
  await press('Delete site');
  await expect(sites).not.toContainText('Old mill');

  // The edge of the test before, whose machine is gone.
  const edges = page.getByRole('table', { name: 'Edges' });
  await press('Rename Annex');
  await call('Old annex', 'Rename');
  await press('Delete Old annex');
  await expect(dialog).toContainText('It is in service');
  await page.keyboard.press('Escape');
  const row = edges.getByRole('row').filter({ hasText: 'Old annex' });
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await dialog.getByLabel('Reason').fill('Browser test: its machine is gone');
  await press('Revoke');
  await expect(row).toContainText('Revoked');
  await press('Delete Old annex');
  await expect(dialog).toContainText('until it is wiped');
  await press('Delete edge');
  await expect(edges).not.toContainText('Old annex');
});

test('whoever asks for it is erased, with a receipt, and named nowhere any more', async ({ page }) => {
  const [name] = visible(strangers);
  await signIn(page);
  await page.clock.install();
  await page.goto('/galleries');
  await page.getByRole('link', { name: 'Staff' }).first().click();
  await page.getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByRole('button', { name: 'Erase' }).click();
  const dialog = page.getByRole('dialog');
  const erase = dialog.getByRole('button', { name: 'Erase for good' });
  await erase.click();
  await expect(dialog).toContainText(`Type exactly: ${name}`);
  await expect(dialog).toContainText('Say why');
  await dialog.getByLabel('Reason').fill('Browser test: consent withdrawn');
  await dialog.getByLabel('to confirm').fill(name);
  await answerLate(page, 'identities.erase');
  await erase.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Erased' })).toBeVisible();
  await expect(page.getByText('Browser test: consent withdrawn')).toBeVisible();
  await expect(page.locator('body')).not.toContainText(name);
  await expect(page).toHaveTitle(/^Erased/);
  await page.getByRole('link', { name: 'Back to the galleries' }).click();
  await page.getByRole('link', { name: 'Staff' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Staff' })).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
  await page.goto('/events');
  await expect(page.getByRole('table').getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByRole('table')).not.toContainText(name);
});

test('the audit log holds all of it, unbroken', async ({ page }) => {
  await signIn(page);
  await page.goto('/audit');
  await expect(page.getByText(/Hash chain verified/).first()).toBeVisible();
  for (const action of [/policy|schedul/i, /identity|enrol/i, /user\.disable/, /site\.delete/, /identity\.erase/]) {
    await expect(page.getByText(action).first()).toBeVisible();
  }
});

test('an administrator sets how long pictures are kept, after a question where it gets shorter', async ({ page }) => {
  await signIn(page);
  await page.goto('/audit');
  await page.getByRole('tab', { name: 'Retention' }).click();
  const days = page.getByLabel('Pictures, days');
  const save = page.getByRole('button', { name: 'Save retention' });
  await days.fill('0');
  await save.click();
  await expect(page.getByText('One day is the least.')).toBeVisible();
  await days.fill('14');
  await save.click();
  await expect(page.getByRole('dialog')).toContainText('14 days instead of 30');
  await page.getByRole('button', { name: 'Keep less' }).click();
  await expect(page.getByText('Retention saved')).toBeVisible();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(page.getByText('retention.update').first()).toBeVisible();

  await page.goto('/events');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  expect((await download).suggestedFilename()).toBe('events.csv');
  await page.goto('/audit');
  await expect(page.getByText('event.export').first()).toBeVisible();
});
