import type { Page } from '@playwright/test';
import { expect, signIn, test } from './fixtures.ts';

// What a training run leaves: whether the gate lets its candidate pass depends on who walked by, so a person decides here if it does not.
// Late among the specs (they run by name): the scenarios learn while others try what needs no version.
test.describe.configure({ mode: 'serial' });

interface Version {
  readonly id: string;
  readonly label: string;
}

interface Scenario {
  readonly id: string;
  readonly name: string;
  readonly aliases: { readonly champion: Version | null };
}

/** The scenario that learnt first. */
let learner: Scenario = { id: '', name: '', aliases: { champion: null } };

/** The demo's other scenario. */
const otherScenario = () =>
  learner.id === 'demo-scenario-corridor' ? '/scenarios/demo-scenario-entrance' : '/scenarios/demo-scenario-corridor';

async function ask<T>(page: Page, procedure: string, input: object): Promise<T> {
  const answer = await page.request.get(`/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`);
  const { result } = (await answer.json()) as { result: { data: T } };
  return result.data;
}

/** A scenario with the newest version that it learnt; null while none has. */
async function learnt(page: Page): Promise<{ scenario: Scenario; version: Version } | null> {
  for (const scenario of await ask<Scenario[]>(page, 'scenarios.list', {})) {
    const { versions } = await ask<{ versions: Version[] }>(page, 'versions.list', { scenarioId: scenario.id });
    const version = versions.at(-1);
    if (versions.length > 1 && version) return { scenario, version };
  }
  return null;
}

test('a training run ends with a version; it goes live, is compared, and is rolled back with a reason', async ({
  page,
}) => {
  test.setTimeout(1_300_000);
  await signIn(page);
  await expect.poll(() => learnt(page), { timeout: 1_200_000, intervals: [2000] }).not.toBeNull();
  const found = await learnt(page);
  if (!found) throw new Error('the version that was there is gone');
  learner = found.scenario;
  const after = found.version.label;
  await page.goto(`/scenarios/${learner.id}`);
  const served = page.getByRole('list', { name: 'Served by' });
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  const promote = async (reason: string) => {
    await page
      .getByRole('button', { name: `Promote ${after}` })
      .first()
      .click();
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: /^Promote/ }).click();
    await expect(served.getByText(after, { exact: true })).toBeVisible({ timeout: 60_000 });
  };
  if (learner.aliases.champion?.label !== after)
    await promote('Browser test: the gate held it back, somebody knows better');
  await expect(page.getByText(`champion ${after}`).first()).toBeVisible();
  await expect(page.getByText('Before and after')).toBeVisible();

  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await dialog.getByRole('button', { name: /^Roll back to/ }).click();
  await expect(dialog.getByText(/Say why/)).toBeVisible();
  await dialog.getByLabel('Reason').fill('Browser test: the version before must serve again');
  const asked = Date.now();
  await dialog.getByRole('button', { name: /^Roll back to/ }).click();
  await expect(served.getByText('base', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(served).toContainText('in sync');
  test.info().annotations.push({ type: 'roll back served after', description: `${Date.now() - asked} ms` });
  await promote('Browser test: forward again');
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

test('a scenario moves to another base model, with what it loses by that said before', async ({ page }) => {
  test.setTimeout(400_000);
  await signIn(page);
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
  // The provenance is still open, and hides the page behind it.
  await expect(page.getByRole('dialog')).toContainText('Retired');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('table', { name: 'Versions' })).toContainText('retired');
});

test('the run shows its loss, its batches and its triplets', async ({ page }) => {
  await signIn(page);
  await page.goto('/training');
  const finished = page
    .getByRole('row')
    .filter({ hasText: learner.name })
    .filter({ hasText: /Passed|Held back/ });
  await finished.last().getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Loss' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Batch against load' })).toBeVisible();
  await expect(page.getByRole('img', { name: /anchor/i }).first()).toBeVisible();
});
