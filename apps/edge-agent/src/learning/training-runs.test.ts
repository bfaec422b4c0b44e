import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrossFitState, OutboxItem, TrainingRunReport } from '@saface/core';
import { defaultEngineChoice } from '@saface/engine/engines/index';
import { UnrecoverableError } from 'bullmq';
import { beforeEach, describe, expect, it } from 'vitest';
import { silent, testVault } from '../testing/fixtures.ts';
import { Pacer } from './pacer.ts';
import { RunFiles, type RunResult } from './run-files.ts';
import { type RunRecord, RunStore } from './run-record.ts';
import type { TrainerEnd } from './trainer-client.ts';
import type { TrainerNote, TrainerOrder } from './trainer-protocol.ts';
import { TrainingRuns, versionIdOf } from './training-runs.ts';

const record: RunRecord = {
  id: 'run',
  scenarioId: 'scenario',
  status: 'queued',
  reason: null,
  baseModelId: 'base',
  cut: 'features',
  metric: 'euclidean',
  championThreshold: 0.5,
  attempts: 0,
  parentVersionId: 'v0',
  candidateVersionId: null,
  tracks: 4,
  triplets: 100,
  steps: 0,
  reportedStep: 0,
  queuedAt: 1,
  startedAt: null,
  endedAt: null,
  from: 0,
  to: 10,
  identityIds: ['ann'],
  verdict: null,
  judgedUntil: null,
  error: null,
};

const score = {
  accuracy: 0.9,
  low: 0.88,
  high: 0.92,
  auc: 0.95,
  tarAtFar1e2: 0.7,
  genuinePairs: 100,
  impostorPairs: 100,
};

const result = (passed: boolean): RunResult => ({
  verdict: {
    passed,
    reason: passed ? 'Promoted: better.' : 'Not promoted: worse.',
    champion: score,
    candidate: score,
    gain: null,
  },
  threshold: 0.4,
  judgedUntil: 3,
  steps: 7,
  triplets: 90,
  tracks: 3,
  engine: 'onnx/cpu',
  hyperParameters: { learningRate: 0.1 },
  leftOut: [],
});

/** A trainer process under the test's control. */
interface FakeTrainer {
  readonly order: TrainerOrder;
  readonly heard: TrainerOrder[];
  note(note: TrainerNote): void;
  end(end: TrainerEnd): void;
}

describe('TrainingRuns', () => {
  let runs: RunStore;
  let files: RunFiles;
  let items: OutboxItem[];
  let trainers: FakeTrainer[];
  let training: TrainingRuns;
  let granted: number;
  let obsolete: string | null;

  beforeEach(async () => {
    const vault = testVault();
    const dir = await mkdtemp(join(tmpdir(), 'saface-runs-'));
    runs = new RunStore(dir, vault, silent);
    await runs.load();
    await runs.save(record);
    files = new RunFiles(runs.folder('run'), 'run', vault);
    items = [];
    trainers = [];
    granted = 5;
    obsolete = null;
    training = new TrainingRuns({
      runs,
      vault,
      keyFile: 'key',
      engine: defaultEngineChoice,
      threads: () => 1,
      log: silent,
      add: async (item) => void items.push(item),
      artifacts: { add: async (bytes) => ({ sha256: 'a'.repeat(64), bytes: bytes.length }) },
      pacer: new Pacer({
        decide: () => granted,
        interval: () => 0,
        resting: () => runs.get('run')?.status === 'paused',
      }),
      obsolete: () => obsolete,
      onStepCost: () => undefined,
      onStep: () => undefined,
      onExamples: () => undefined,
      wantsExamples: () => false,
      onOver: () => undefined,
      startTrainer: (order, onNote) => {
        let end: (end: TrainerEnd) => void = () => {};
        const ended = new Promise<TrainerEnd>((resolve) => {
          end = resolve;
        });
        const heard: TrainerOrder[] = [];
        trainers.push({ order, heard, note: onNote, end });
        return { pid: 1, send: (message) => heard.push(message), stop: () => end({ kind: 'cancelled' }), ended };
      },
    });
  });

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  /** The trainer process number `index`, once it works and the run is reported as running. */
  const trainer = async (index = 0): Promise<FakeTrainer> => {
    await until(() => reports().filter(({ status }) => status === 'running').length > index);
    return trainers[index]!;
  };
  const reports = () =>
    items.flatMap((item): TrainingRunReport[] => (item.kind === 'training-run' ? [item.payload] : []));
  const progress = (step: number): TrainerNote => ({
    kind: 'progress',
    step,
    loss: 0.5,
    activeShare: 0.2,
    microBatch: 4,
    score: null,
  });

  it('registers a version that passed, before it says that the run is done', async () => {
    const job = training.process('run');
    await trainer();
    await files.writeResult(result(true), Uint8Array.of(1, 2, 3));
    (await trainer()).end({ kind: 'done' });
    await job;
    expect(items.map(({ kind }) => kind)).toEqual(['training-run', 'version', 'training-run']);
    expect(items[1]!.payload).toMatchObject({
      id: versionIdOf('run'),
      parentVersionId: 'v0',
      threshold: 0.4,
      learner: { bytes: 3 },
      provenance: { identityIds: ['ann'], steps: 7 },
    });
    expect(reports().at(-1)).toMatchObject({ status: 'done', candidateVersionId: versionIdOf('run'), steps: 7 });
  });

  it('registers a candidate that lost as well, with the reason', async () => {
    const job = training.process('run');
    await trainer();
    await files.writeResult(result(false), Uint8Array.of(1));
    (await trainer()).end({ kind: 'done' });
    await job;
    expect(items.find(({ kind }) => kind === 'version')?.payload).toMatchObject({
      id: versionIdOf('run'),
      verdict: { passed: false, reason: 'Not promoted: worse.' },
    });
    expect(runs.get('run')).toMatchObject({ status: 'done', candidateVersionId: versionIdOf('run') });
  });

  it('remembers whom the same tracks have judged, in part where some are gone, and tells the trainer', async () => {
    const of = { scenarioId: 'scenario', baseModelId: 'base', from: 0 };
    expect(runs.judgedSince(of)).toBe(0);
    const job = training.process('run');
    await trainer();
    await files.writeResult(result(false), Uint8Array.of(1));
    (await trainer()).end({ kind: 'done' });
    await job;
    expect(runs.judgedSince(of)).toBe(1);
    expect(runs.judgedSince({ ...of, from: 1.5 })).toBe(0.5);
    for (const other of [{ scenarioId: 'elsewhere' }, { baseModelId: 'another' }, { from: 4 }])
      expect(runs.judgedSince({ ...of, ...other })).toBe(0);
    await runs.save({ ...record, id: 'next', attempts: runs.judgedSince(of) });
    void training.process('next');
    expect((await trainer(1)).order).toMatchObject({ kind: 'train', runId: 'next', attempts: 1 });
  });

  it('begins anew from a checkpoint that an older edge left behind', async () => {
    await files.writeCheckpoint({ finished: [], fineTune: null });
    expect(await files.readCheckpoint()).toEqual({ finished: [], fineTune: null });
    const before: object = { step: 3, pass: 0, cursor: 96, weights: new Map(), average: new Map() };
    await files.writeCheckpoint(before as CrossFitState);
    expect(await files.readCheckpoint()).toBeNull();
  });

  it('registers nothing where nothing better than the champion was found', async () => {
    const job = training.process('run');
    await trainer();
    const { verdict, ...rest } = result(false);
    const nothing = { ...verdict, champion: null, candidate: null };
    await files.writeResult({ ...rest, judgedUntil: null, verdict: nothing }, Uint8Array.of(1));
    (await trainer()).end({ kind: 'done' });
    await job;
    expect(items.some(({ kind }) => kind === 'version')).toBe(false);
    expect(runs.get('run')).toMatchObject({ status: 'done', candidateVersionId: null });
  });

  it('asks for another try when the trainer was killed, and takes up its result without training again', async () => {
    const job = training.process('run');
    (await trainer()).end({ kind: 'killed', how: 'SIGKILL' });
    await expect(job).rejects.toThrow('SIGKILL');
    expect(reports().map(({ status }) => status)).toEqual(['running']);
    await files.writeResult(result(true), Uint8Array.of(1));
    await training.process('run');
    await training.process('run');
    expect(trainers).toHaveLength(1);
    expect(items.filter(({ kind }) => kind === 'version').map(({ id }) => id)).toEqual([
      `version-${versionIdOf('run')}`,
    ]);
  });

  it('reports every step once, also when a run goes on from a checkpoint', async () => {
    const first = training.process('run');
    for (const step of [1, 2, 3]) (await trainer()).note(progress(step));
    await until(() => runs.get('run')!.steps === 3);
    (await trainer()).end({ kind: 'killed', how: 'SIGKILL' });
    await expect(first).rejects.toThrow();
    const second = training.process('run');
    await until(() => trainers.length === 2);
    for (const step of [2, 3, 4]) trainers[1]!.note(progress(step));
    await until(() => runs.get('run')!.steps === 4);
    await files.writeResult(result(false), Uint8Array.of(1));
    trainers[1]!.end({ kind: 'done' });
    await second;
    const steps = reports().flatMap(({ points }) => points.map(({ step }) => step));
    expect(steps).toEqual([1, 2, 3, 4]);
  });

  it('fails a run whose trainer says why, without another try', async () => {
    const job = training.process('run');
    (await trainer()).end({ kind: 'failed', message: 'The learner has no weights to train' });
    await job;
    expect(reports().at(-1)).toMatchObject({ status: 'failed', error: 'The learner has no weights to train' });
  });

  it('hands B_t to the trainer, and nothing while the run is paused', async () => {
    const job = training.process('run');
    const working = await trainer();
    const ask = async () => {
      const before = working.heard.length;
      working.note({ kind: 'ask-batch' });
      await until(() => working.heard.length > before);
    };
    await ask();
    await training.pause('run', true);
    await ask();
    await training.pause('run', false);
    granted = 9;
    await ask();
    expect(working.heard).toEqual([5, 0, 9].map((triplets) => ({ kind: 'batch', triplets })));
    expect(reports().map(({ status }) => status)).toEqual(['running', 'paused', 'running']);
    working.end({ kind: 'failed', message: 'enough' });
    await job;
  });

  it('cancels a run that works and one that waits', async () => {
    const job = training.process('run');
    await trainer();
    await training.cancel('run', 'Cancelled by an operator.');
    await job;
    expect(reports().at(-1)).toMatchObject({ status: 'cancelled', reason: 'Cancelled by an operator.' });
    await training.process('run');
    expect(trainers).toHaveLength(1);
    await runs.save({ ...record, id: 'waiting' });
    await training.cancel('waiting', 'No.');
    expect(runs.get('waiting')!.status).toBe('cancelled');
  });

  it('ends runs that nobody waits for, waiting or training', async () => {
    await runs.save({ ...record, id: 'waiting' });
    const job = training.process('run');
    await trainer();
    await training.cancelObsolete();
    expect(runs.open()).toHaveLength(2);
    obsolete = 'The scenario moved to another base model.';
    await training.cancelObsolete();
    await job;
    expect(runs.all().map(({ status, reason }) => [status, reason])).toEqual([
      ['cancelled', obsolete],
      ['cancelled', obsolete],
    ]);
  });

  it('drops runs of scenarios that are gone, and refuses jobs of runs that nobody knows', async () => {
    obsolete = 'The scenario left this edge.';
    await training.process('run');
    expect(runs.get('run')).toMatchObject({ status: 'cancelled', reason: obsolete });
    await expect(training.process('nobody')).rejects.toThrow(UnrecoverableError);
  });

  it('leaves the run open when the edge stops', async () => {
    const job = training.process('run');
    await trainer();
    training.stop();
    await expect(job).rejects.toThrow('stopping');
    expect(runs.get('run')!.status).toBe('running');
  });
});
