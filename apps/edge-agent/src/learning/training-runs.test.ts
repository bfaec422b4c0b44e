import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrossFitState, OutboxItem, TrainingRunReport } from '@saface/core';
import { defaultEngineChoice } from '@saface/engine/engines/index';
import { UnrecoverableError } from 'bullmq';
import { beforeEach, describe, expect, it } from 'vitest';
import { Vault } from '../control/vault.ts';
import { diskFull, silent } from '../testing/fixtures.ts';
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
  asked: false,
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
  enrolledIds: [],
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
  let resting: boolean;
  let dir: string;
  let vault: Vault;
  let full: boolean;
  let stopped: number;
  let over: number;
  let whenTidied: () => void;
  let noRoom: string[];
  let whenAdded: () => Promise<void>;

  class FullDisk extends Vault {
    constructor() {
      super(randomBytes(32));
    }

    override async writeFile(path: string, plain: Uint8Array, context: string): Promise<void> {
      if (full) throw diskFull();
      await super.writeFile(path, plain, context);
    }
  }

  class TidiedRuns extends RunStore {
    override async tidy(): Promise<void> {
      await super.tidy();
      whenTidied();
    }
  }

  beforeEach(async () => {
    full = false;
    stopped = 0;
    over = 0;
    whenTidied = () => {};
    noRoom = [];
    vault = new FullDisk();
    dir = await mkdtemp(join(tmpdir(), 'saface-runs-'));
    runs = new TidiedRuns(dir, vault, silent);
    await runs.load();
    await runs.save(record);
    files = new RunFiles(runs.folder('run'), 'run', vault);
    items = [];
    trainers = [];
    granted = 5;
    obsolete = null;
    resting = false;
    whenAdded = async () => {};
    training = new TrainingRuns({
      runs,
      vault,
      keyFile: 'key',
      engine: defaultEngineChoice,
      threads: () => 1,
      log: silent,
      add: async (item) => void items.push(item),
      artifacts: {
        add: async (bytes) => {
          if (full) throw diskFull();
          await whenAdded();
          return { sha256: 'a'.repeat(64), bytes: bytes.length };
        },
      },
      room: { ranOut: (why) => noRoom.push(why), wrote: () => noRoom.splice(0) },
      pacer: new Pacer({
        decide: () => granted,
        interval: () => 0,
        resting: () => false,
      }),
      obsolete: () => obsolete,
      resting: () => resting,
      onStepCost: () => undefined,
      onStep: () => undefined,
      onExamples: () => undefined,
      wantsExamples: () => false,
      onOver: () => {
        over += 1;
      },
      startTrainer: (order, onNote) => {
        let end: (end: TrainerEnd) => void = () => {};
        const ended = new Promise<TrainerEnd>((resolve) => {
          end = resolve;
        });
        const heard: TrainerOrder[] = [];
        trainers.push({ order, heard, note: onNote, end });
        const stop = () => {
          stopped += 1;
          end({ kind: 'cancelled' });
        };
        return { pid: 1, send: (message) => heard.push(message), stop, ended };
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
      // The champion's is 0.5.
      distanceScale: 0.8,
      learner: { bytes: 3 },
      provenance: { identityIds: ['ann'], steps: 7 },
    });
    expect(reports().at(-1)).toMatchObject({ status: 'done', candidateVersionId: versionIdOf('run'), steps: 7 });
  });

  it('registers nothing when it is cancelled while the learner is put away', async () => {
    whenAdded = () => training.cancel('run', 'A person whose tracks took part was erased.');
    const job = training.process('run');
    await trainer();
    await files.writeResult(result(true), Uint8Array.of(1));
    (await trainer()).end({ kind: 'done' });
    await job;
    expect(items.map(({ kind }) => kind)).not.toContain('version');
    expect(runs.get('run')).toMatchObject({ status: 'cancelled', candidateVersionId: null });
    expect(reports().at(-1)).toMatchObject({ status: 'cancelled' });
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

  it('hands B_t to the trainer', async () => {
    const job = training.process('run');
    const working = await trainer();
    const ask = async () => {
      const before = working.heard.length;
      working.note({ kind: 'ask-batch' });
      await until(() => working.heard.length > before);
    };
    await ask();
    granted = 9;
    await ask();
    expect(working.heard).toEqual([5, 9].map((triplets) => ({ kind: 'batch', triplets })));
    working.end({ kind: 'failed', message: 'enough' });
    await job;
  });

  it('gives its place to others while it is paused, and goes on when it is resumed', async () => {
    const job = training.process('run');
    await trainer();
    await training.pause('run', true);
    await job;
    expect(training.activeRun).toBeNull();
    // A job that was there all along, as after a restart of the edge.
    await training.process('run');
    expect(trainers).toHaveLength(1);
    await training.pause('run', false);
    const next = training.process('run');
    (await trainer(1)).end({ kind: 'failed', message: 'enough' });
    await next;
    expect(reports().map(({ status }) => status)).toEqual(['running', 'paused', 'queued', 'running', 'failed']);
  });

  it('gives its place to others while it must rest, and goes on afterwards', async () => {
    const job = training.process('run');
    await trainer();
    resting = true;
    await training.rest();
    await job;
    expect(training.activeRun).toBeNull();
    expect(runs.get('run')).toMatchObject({ status: 'queued', endedAt: null });
    expect(reports().at(-1)).toMatchObject({ status: 'queued' });
    await training.process('run');
    expect(trainers).toHaveLength(1);
    resting = false;
    const next = training.process('run');
    const second = await trainer(1);
    await files.writeResult(result(true), Uint8Array.of(1));
    second.end({ kind: 'done' });
    await next;
    expect(runs.get('run')?.status).toBe('done');
  });

  it('stops a trainer whose run cannot be written down, and tries again', async () => {
    full = true;
    await training.process('run');
    expect(noRoom).toEqual([expect.stringContaining('The disk is full')]);
    expect(stopped).toBe(1);
    expect(training.activeRun).toBeNull();
    full = false;
    const job = training.process('run');
    await trainer();
    trainers[1]!.end({ kind: 'failed', message: 'enough' });
    await job;
  });

  it('goes on when the disk has room again for the result that a trainer could not write', async () => {
    await files.writeCheckpoint({ finished: [], fineTune: null });
    const job = training.process('run');
    (await trainer()).end({ kind: 'no-room', message: 'The disk is full — Free some space.' });
    // Resolved, so that it costs none of the tries that a killed trainer has.
    await job;
    expect(noRoom).toEqual(['The disk is full — Free some space.']);
    expect(reports().map(({ status }) => status)).toEqual(['running', 'queued']);
    expect(await files.readCheckpoint()).not.toBeNull();
    const next = training.process('run');
    const second = await trainer(1);
    expect(noRoom).toEqual([]);
    await files.writeResult(result(true), Uint8Array.of(1));
    second.end({ kind: 'done' });
    await next;
    expect(runs.get('run')!.status).toBe('done');
  });

  it('keeps a result that the disk has no room to hand on, and hands it on later without training again', async () => {
    const job = training.process('run');
    const working = await trainer();
    await files.writeResult(result(true), Uint8Array.of(1));
    full = true;
    working.end({ kind: 'done' });
    await job;
    expect(noRoom).toHaveLength(1);
    expect(runs.open().map(({ id }) => id)).toEqual(['run']);
    full = false;
    await training.process('run');
    expect(trainers).toHaveLength(1);
    expect(items.some(({ kind }) => kind === 'version')).toBe(true);
    expect(noRoom).toEqual([]);
  });

  it('makes room on a full disk with what an ended run no longer needs, and ends', async () => {
    const job = training.process('run');
    await trainer();
    await files.writeCheckpoint({ finished: [], fineTune: null });
    full = true;
    whenTidied = () => {
      full = false;
    };
    await training.cancel('run', 'No.');
    await job;
    expect(await readdir(runs.folder('run'))).toEqual(['run.sealed']);
    const again = new RunStore(dir, vault, silent);
    await again.load();
    expect(again.get('run')!.status).toBe('cancelled');
  });

  it('stops the trainer of a run whose end cannot be written down', async () => {
    const job = training.process('run').catch(() => undefined);
    await trainer();
    full = true;
    await expect(training.cancel('run', 'No.')).rejects.toThrow('The disk is full');
    await job;
    expect(stopped).toBeGreaterThan(0);
    expect(over).toBe(1);
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

  it('leaves a run alone that the disk does not give now', async () => {
    await mkdir(join(dir, 'unlucky', 'run.sealed'), { recursive: true });
    const again = new RunStore(dir, vault, silent);
    await again.load();
    expect(again.all().map(({ id }) => id)).toEqual(['run']);
    // Still there: only an empty folder can be deleted so.
    await rmdir(join(dir, 'unlucky', 'run.sealed'));
  });

  it('leaves the run open when the edge stops', async () => {
    const job = training.process('run');
    await trainer();
    training.stop();
    await expect(job).rejects.toThrow('stopping');
    expect(runs.get('run')!.status).toBe('running');
  });
});
