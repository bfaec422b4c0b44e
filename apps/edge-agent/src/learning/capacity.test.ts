import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@saface/agent-kit';
import { defaultSchedulingPolicy } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problems } from '../control/problems.ts';
import type { ServedBase } from '../recognition/templates.ts';
import { LoadMeter } from '../scheduling/load-meter.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { TrainingCapacity } from './capacity.ts';
import type { StartTrainer, TrainerEnd } from './trainer-client.ts';

const THREADS = 1;
const base = (id: string) =>
  ({ learner: Buffer.from(id), config: { id, recogniser: { metric: 'euclidean' } } }) as unknown as ServedBase;

/** A trainer that takes this long for the triplets it measures with; null dies before it has. */
const trainer =
  (milliseconds: number | null): StartTrainer =>
  (_order, onNote) => {
    if (milliseconds !== null) onNote({ kind: 'step-cost', triplets: 16, milliseconds, threads: THREADS });
    const end: TrainerEnd = milliseconds === null ? { kind: 'killed', how: 'SIGKILL' } : { kind: 'done' };
    return { pid: 1, send: () => undefined, stop: () => undefined, ended: Promise.resolve(end) };
  };

describe('TrainingCapacity', () => {
  let dir: string;
  let scheduler: Scheduler;
  let problems: Problems;
  let now = 0;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'saface-capacity-'));
    scheduler = new Scheduler(() => defaultSchedulingPolicy, new LoadMeter());
    problems = new Problems();
  });
  afterEach(() => rm(dir, { recursive: true }));

  const open = (milliseconds: number | null | StartTrainer = 800) =>
    new TrainingCapacity({
      dir,
      threads: THREADS,
      engine: { engine: 'onnx', provider: 'cpu' },
      scheduler,
      startTrainer: typeof milliseconds === 'function' ? milliseconds : trainer(milliseconds),
      log: createLogger('test', 'silent'),
      problems,
      now: () => now,
    });
  const rate = () => scheduler.capacity.tripletsPerSecond;
  const run = (capacity: TrainingCapacity, costs: readonly number[], threads = THREADS) => {
    for (const milliseconds of costs)
      for (let step = 0; step < 15; step++) capacity.observe({ triplets: 10, milliseconds, threads });
  };

  it('is measured once and found again by the next start', async () => {
    await open().ensure(base('a'));
    expect(rate()).toBe(20);
    scheduler.calibrate({ tripletsPerSecond: null });
    await open(null).ensure(base('a'));
    expect(rate()).toBe(20);
    await open(400).ensure(base('b'));
    expect(rate()).toBe(40);
  });

  it('follows what training costs, and keeps for the next run what it cost at its dearest', async () => {
    const capacity = open();
    await capacity.ensure(base('a'));
    run(capacity, [250, 100]);
    expect(rate()).toBe(100);
    await capacity.endRun('a');
    expect(rate()).toBe(40);
    await open(null).ensure(base('a'));
    expect(rate()).toBe(40);
  });

  it('learns nothing for later from a run with other threads, of another base model, or of single triplets', async () => {
    const capacity = open();
    await capacity.ensure(base('a'));
    run(capacity, [100], THREADS + 1);
    expect(rate()).toBe(100);
    await capacity.endRun('a');
    expect(rate()).toBe(20);
    run(capacity, [100]);
    await capacity.endRun('b');
    expect(rate()).toBe(20);
    for (let step = 0; step < 15; step++) capacity.observe({ triplets: 1, milliseconds: 1, threads: THREADS });
    await capacity.endRun('a');
    expect(rate()).toBe(20);
  });

  it('tries again after a trainer that died, later and later, and says so until something is known', async () => {
    let starts = 0;
    let cost: number | null = null;
    const capacity = open((...args) => {
      starts += 1;
      return trainer(cost)(...args);
    });
    await capacity.ensure(base('a'));
    await capacity.ensure(base('a'));
    expect(starts).toBe(1);
    expect(problems.list()).toEqual([expect.stringContaining('Nothing is trained')]);
    now += 2000;
    await capacity.ensure(base('a'));
    await capacity.ensure(base('a'));
    expect(starts).toBe(2);
    // Another model does not wait for the first one's failures.
    cost = 800;
    await capacity.ensure(base('b'));
    expect(rate()).toBe(20);
    expect(problems.list()).toEqual([]);
    cost = null;
    now += 10_000;
    await capacity.ensure(base('a'));
    expect(problems.list()).toEqual([expect.stringContaining('what another model costs')]);
    await capacity.ensure(base('b'));
    expect(problems.list()).toEqual([]);
  });

  it('measures again after a file that cannot be read', async () => {
    await open(null).ensure(base('a'));
    expect(rate()).toBeNull();
    expect(problems.list()).toEqual([expect.stringContaining('the trainer process ended: SIGKILL')]);
    await writeFile(join(dir, 'calibration.json'), 'not json');
    await open().ensure(base('a'));
    expect(rate()).toBe(20);
    expect(problems.list()).toEqual([]);
    expect(Object.values(JSON.parse(await readFile(join(dir, 'calibration.json'), 'utf8')))).toEqual([20]);
  });
});
