import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silent, testVault } from '../testing/fixtures.ts';
import { type RunRecord, RunStore, runRecordSchema } from './run-record.ts';

const judged = (id: string, scenarioId: string, queuedAt: number): RunRecord =>
  runRecordSchema.parse({
    id,
    scenarioId,
    status: 'done',
    reason: null,
    baseModelId: 'base',
    cut: 'cut',
    metric: 'euclidean',
    championThreshold: 0.5,
    parentVersionId: 'v0',
    candidateVersionId: null,
    tracks: 2,
    triplets: 10,
    steps: 1,
    reportedStep: 1,
    queuedAt,
    startedAt: queuedAt,
    endedAt: queuedAt,
    from: 0,
    to: 10,
    identityIds: [],
    verdict: null,
    judgedUntil: 10,
    error: null,
  });

it('remembers who was judged in each scenario, however much others train', async () => {
  const runs = new RunStore(await mkdtemp(join(tmpdir(), 'saface-records-')), testVault(), silent);
  await runs.save(judged('first', 'rare', 1));
  for (let i = 0; i < 103; i++) await runs.save(judged(`busy-${i}`, 'busy', 2 + i));
  await runs.tidy();
  const since = (scenarioId: string) => runs.judgedSince({ scenarioId, baseModelId: 'base', from: 0 });
  expect([since('rare'), since('busy')]).toEqual([1, 100]);
});
