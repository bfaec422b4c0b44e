import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, signIn, test } from './fixtures.ts';

// One running system, watched from the first name on camera to the audit log. Each step builds on what the one before left.
test.describe.configure({ mode: 'serial' });

const worlds = process.env.SAFACE_WORLD_DIR ?? join(process.cwd(), '.saface/worlds');
/** Pictures of simulated people whom nobody has enrolled yet; they walk through both scenes. */
const strangers = join(worlds, 'strangers');
/** The recogniser that the stack has converted for itself, as somebody would bring one along. */
const recogniser = join(process.env.SAFACE_E2E_HOME ?? '', 'models/recogniser.onnx');

interface ScenarioRow {
  readonly id: string;
  readonly name: string;
  readonly aliases: Readonly<Record<'champion' | 'previous', { readonly label: string } | null>>;
}

/** The scenario that learnt first; which one that is depends on who walked by. */
let learner: ScenarioRow = { id: '', name: '', aliases: { champion: null, previous: null } };

/** The demo's other scenario. */
const otherScenario = () =>
  learner.id === 'demo-scenario-corridor' ? '/scenarios/demo-scenario-entrance' : '/scenarios/demo-scenario-corridor';

/** A scenario whose champion is not the version it began with; null while there is none. */
async function promoted(page: Page): Promise<ScenarioRow | null> {
  const answer = await page.request.get(`/api/trpc/scenarios.list?input=${encodeURIComponent('{}')}`);
  const { result } = (await answer.json()) as { result: { data: ScenarioRow[] } };
  return result.data.find(({ aliases }) => aliases.previous !== null) ?? null;
}

test('a stranger to the system is sent to sign in, and a wrong password is refused in words', async ({
  page,
  complaints,
}) => {
  complaints.allow(/401/);
  await page.goto('/live');
  await expect(page).toHaveURL(/sign-in/);
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
  const visible = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.'));
  const [name] = visible(strangers).sort();
  const pictures = visible(join(strangers, name)).map((file) => join(strangers, name, file));
  await signIn(page, 'operator');
  await page.goto('/galleries');
  await page.getByRole('link', { name: 'Staff' }).first().click();
  await page.getByRole('button', { name: 'Enrol a person' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Purpose').fill('Shows enrolment in the browser test');
  await dialog.getByRole('button', { name: 'Create and add pictures' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByLabel('Pictures', { exact: true }).setInputFiles(pictures);
  await expect(page.getByText('Accepted').first()).toBeVisible({ timeout: 60_000 });

  await page.goto('/events');
  await expect(page.getByText(name).first()).toBeVisible({ timeout: 300_000 });
});

test('a training run ends with a version; it goes live, is compared, and is rolled back with a reason', async ({
  page,
}) => {
  test.setTimeout(900_000);
  await signIn(page);
  await expect.poll(() => promoted(page), { timeout: 800_000, intervals: [2000] }).not.toBeNull();
  learner = (await promoted(page)) ?? learner;
  const before = learner.aliases.previous?.label ?? '';
  const after = learner.aliases.champion?.label ?? '';
  await page.goto(`/scenarios/${learner.id}`);
  await expect(page.getByText(`champion ${after}`).first()).toBeVisible();
  const served = page.getByRole('list', { name: 'Served by' });
  await expect(served).toContainText(after, { timeout: 60_000 });
  await expect(page.getByText('Before and after')).toBeVisible();

  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  await dialog.getByRole('button', { name: /^Roll back to/ }).click();
  await expect(dialog.getByText(/Say why/)).toBeVisible();
  await dialog.getByLabel('Reason').fill('Browser test: the version before must serve again');
  const asked = Date.now();
  await dialog.getByRole('button', { name: /^Roll back to/ }).click();
  await expect(served.getByText(before, { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(served).toContainText('in sync');
  test.info().annotations.push({ type: 'roll back served after', description: `${Date.now() - asked} ms` });

  await page
    .getByRole('button', { name: `Promote ${after}` })
    .first()
    .click();
  await dialog.getByLabel('Reason').fill('Browser test: forward again');
  await dialog.getByRole('button', { name: 'Promote', exact: true }).click();
  await expect(served.getByText(after, { exact: true })).toBeVisible({ timeout: 60_000 });
});

test('the version says where it comes from, and what it does beside its parent', async ({ page }) => {
  await signIn(page);
  await page.goto(`/scenarios/${learner.id}`);
  await page
    .getByRole('button', { name: /^Provenance of v/ })
    .last()
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Base model')).toBeVisible();
  await expect(dialog.getByText('Triplets')).toBeVisible();
  await expect(dialog.getByRole('region', { name: 'Hyper-parameters' })).toContainText('learningRate');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'Watch' })).toContainText(/against its parent/, { timeout: 120_000 });
});

test('a scenario trains when it says, and Training shows it', async ({ page }) => {
  await signIn(page);
  await page.goto(otherScenario());
  await page.getByLabel('Training mode').selectOption('periodic');
  const minutes = page.getByLabel('Minutes between runs');
  await minutes.fill('0');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText('the interval must be at least a minute')).toBeVisible();
  await minutes.fill('90');
  await page.getByRole('button', { name: 'Save policies' }).click();
  await expect(page.getByText('Saved')).toBeVisible();
  await page.goto('/training');
  await expect(page.getByRole('list', { name: 'Training modes' })).toContainText('every 90 minutes');
});

test('a file that is no recogniser is refused with the reason; one that is becomes a base model a scenario moves to', async ({
  page,
}) => {
  test.setTimeout(400_000);
  await signIn(page);
  await page.goto('/models');
  await expect(page.getByRole('table', { name: 'Base models' })).toContainText('Entrance');
  const file = page.getByLabel('Model file');
  const pickle = Buffer.from('a pickle that was renamed, and long enough to be looked at');
  await file.setInputFiles({ name: 'renamed.onnx', mimeType: 'application/octet-stream', buffer: pickle });
  await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('This file cannot become a base model')).toBeVisible();

  await page.goto('/models');
  await file.setInputFiles(recogniser);
  await expect(page.getByText('What was found')).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole('table', { name: 'Places to cut' }).getByRole('radio', { checked: true })).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Brought along');
  await page.getByLabel('Licence').fill('MIT');
  await page.getByRole('button', { name: 'Add base model' }).click();
  await expect(page.getByRole('table', { name: 'Base models' })).toContainText('Brought along');

  await page.goto(otherScenario());
  await page.getByRole('button', { name: 'Move to another base model' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/no longer apply|does not apply/)).toBeVisible();
  await dialog.getByLabel('Reason').fill('Browser test: another base model');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(page.getByText('Other base model').first()).toBeVisible({ timeout: 180_000 });
  await expect(page.getByRole('list', { name: 'Served by' })).toContainText('in sync', { timeout: 60_000 });
});

test('a retired version is out of service for good', async ({ page }) => {
  await signIn(page);
  await page.goto(`/scenarios/${learner.id}`);
  const champion = page.getByText(/^champion /).first();
  const label = ((await champion.textContent()) ?? '').replace('champion ', '');
  await page.getByRole('button', { name: `Provenance of ${label}`, exact: true }).click();
  await page.getByRole('button', { name: 'Retire', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Retire ${label}?` });
  await dialog.getByLabel('Reason').fill('Browser test: somebody it learnt from asked');
  await dialog.getByRole('button', { name: `Retire ${label}` }).click();
  await expect(champion).not.toHaveText(`champion ${label}`, { timeout: 60_000 });
  await expect(page.getByRole('table', { name: 'Versions' })).toContainText('retired');
});

test('the run shows its loss, its batches and its triplets', async ({ page }) => {
  await signIn(page);
  await page.goto('/training');
  await page
    .getByRole('link', { name: new RegExp(learner.name) })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: 'Loss' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Batch against load' })).toBeVisible();
  await expect(page.getByRole('img', { name: /anchor/i }).first()).toBeVisible();
});

test('alpha is refused when it makes no sense, and a sensible one reaches the edge', async ({ page }) => {
  await signIn(page);
  await page.goto('/scheduling');
  const alpha = page.getByLabel('Alpha (α)');
  await alpha.fill('-1');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText(/alpha must be 0 or more/)).toBeVisible();
  await alpha.fill('3');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText(/alpha must be 0 or more/)).toBeHidden();
  await page.reload();
  await expect(page.getByLabel('Alpha (α)')).toHaveValue('3');
});

test('the audit log holds all of it, unbroken', async ({ page }) => {
  await signIn(page);
  await page.goto('/audit');
  await expect(page.getByText(/intact|unbroken/i).first()).toBeVisible();
  for (const action of [/roll/i, /promote/i, /policy|schedul/i, /identity|enrol/i]) {
    await expect(page.getByText(action).first()).toBeVisible();
  }
});
