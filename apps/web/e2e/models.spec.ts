import { join } from 'node:path';
import { encodeModel, GraphBuilder } from '@saface/engine';
import { expect, signIn, test } from './fixtures.ts';

// Models that somebody brings along: looked at, named, and given to scenarios.
test.describe.configure({ mode: 'serial' });

/** Models that the stack has converted for itself, as somebody would bring them along. */
const model = (name: 'recogniser' | 'detector') => join(process.env.SAFACE_E2E_HOME ?? '', `models/${name}.onnx`);

/** One projection of the pixels, which has learnt nothing. */
function untrained(): Buffer {
  const graph = new GraphBuilder();
  const flat = graph.op('Flatten', [graph.input('x', ['N', 3, 32, 32])], { axis: 1 });
  const weights = graph.constant(
    Float32Array.from({ length: 3072 * 16 }, (_, i) => Math.sin(i * i)),
    [3072, 16],
  );
  graph.output(graph.op('MatMul', [flat, weights]), ['N', 16]);
  return Buffer.from(encodeModel(graph.build()));
}

test('a file that is no recogniser is refused with the reason; one that is becomes a base model', async ({ page }) => {
  test.setTimeout(600_000);
  await signIn(page);
  await page.goto('/models');
  await expect(page.getByRole('table', { name: 'Base models' })).toContainText('Entrance');
  const file = page.getByLabel('Model file');
  const pickle = Buffer.from('a pickle that was renamed, and long enough to be looked at');
  await file.setInputFiles({ name: 'renamed.onnx', mimeType: 'application/octet-stream', buffer: pickle });
  await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('This file cannot be used')).toBeVisible();

  await page.goto('/models');
  await file.setInputFiles({ name: 'untrained.onnx', mimeType: 'application/octet-stream', buffer: untrained() });
  await expect(page.getByRole('alert').filter({ hasText: 'hardly better than their pixels' })).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByText(/^sure/)).toHaveCount(0);

  await page.goto('/models');
  await file.setInputFiles(model('recogniser'));
  // Exactly: the page before says in passing that what was found is to be confirmed.
  await expect(page.getByText('What was found', { exact: true })).toBeVisible({ timeout: 240_000 });
  await expect(page.getByRole('table', { name: 'Places to cut' }).getByRole('radio', { checked: true })).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Brought along');
  await page.getByLabel('Licence').fill('MIT');
  await page.getByRole('button', { name: 'Add base model' }).click();
  await expect(page.getByRole('table', { name: 'Base models' })).toContainText('Brought along');
});

test('a detector is tried on sample pictures, and a base model is given it', async ({ page }) => {
  test.setTimeout(400_000);
  await signIn(page);
  await page.goto('/models');
  await page.getByLabel('Model file').setInputFiles(model('detector'));
  await expect(page.getByText('Face detector', { exact: true })).toBeVisible({ timeout: 240_000 });
  await page.getByLabel('Name', { exact: true }).fill('Second detector');
  await page.getByRole('button', { name: 'Add detector' }).click();
  await expect(page.getByRole('table', { name: 'Detectors' })).toContainText('Second detector');
  await page
    .getByRole('button', { name: /^Change the detector of Brought along/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Detector').selectOption({ label: 'Second detector, face-api-ssd' });
  await dialog.getByLabel('Reason').fill('Browser test: another detector');
  await dialog.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByRole('row', { name: /Brought along/ }).first()).toContainText('Second detector');
});
