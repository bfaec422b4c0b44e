import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MicroBatcher } from './micro-batcher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Job {
  readonly camera: string;
  readonly probes: number;
}
const job = (camera: string, probes = 1): Job => ({ camera, probes });

function build(run: (jobs: readonly Job[]) => Promise<void>, maxWeight = 4) {
  return new MicroBatcher<Job>({ weight: ({ probes }) => probes, run, maxWeight, maxDelay: 15 });
}

describe('MicroBatcher', () => {
  it('gathers what several cameras bring within the delay, in the order it came', async () => {
    const batches: string[][] = [];
    const batcher = build(async (jobs) => void batches.push(jobs.map(({ camera }) => camera)));
    const done = [batcher.push(job('a')), batcher.push(job('b')), batcher.push(job('c', 0))];
    expect(batcher.depth).toBe(2);
    await vi.advanceTimersByTimeAsync(14);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(done);
    expect(batches).toEqual([['a', 'b', 'c']]);
    expect(batcher.depth).toBe(0);
  });

  it('does not wait for the delay once the batch is full, and takes a larger job alone', async () => {
    const sizes: number[][] = [];
    const batcher = build(async (jobs) => void sizes.push(jobs.map(({ probes }) => probes)));
    const done = [batcher.push(job('a', 3)), batcher.push(job('b', 9)), batcher.push(job('c', 1))];
    await vi.advanceTimersByTimeAsync(0);
    expect(sizes).toEqual([[3], [9]]);
    await vi.advanceTimersByTimeAsync(15);
    await Promise.all(done);
    expect(sizes).toEqual([[3], [9], [1]]);
  });

  it('makes what arrives while a batch runs the next batch', async () => {
    const batches: string[][] = [];
    let release = () => {};
    const batcher = build(async (jobs) => {
      batches.push(jobs.map(({ camera }) => camera));
      if (batches.length === 1) await new Promise<void>((resolve) => (release = resolve));
    });
    const first = batcher.push(job('a', 4));
    const others = [batcher.push(job('b', 2)), batcher.push(job('c', 2))];
    await vi.advanceTimersByTimeAsync(100);
    expect(batches).toEqual([['a']]);
    release();
    await Promise.all([first, ...others]);
    expect(batches).toEqual([['a'], ['b', 'c']]);
  });

  it('fails the jobs of a failed batch and goes on with the next', async () => {
    let calls = 0;
    const batcher = build(async () => {
      calls += 1;
      if (calls === 1) throw new Error('the network broke');
    });
    const failed = batcher.push(job('a', 4));
    const good = batcher.push(job('b', 4));
    await expect(failed).rejects.toThrow('the network broke');
    await expect(good).resolves.toBeUndefined();
  });

  it('runs exclusive actions between batches, also when nothing is queued', async () => {
    const log: string[] = [];
    let release = () => {};
    const batcher = build(async () => {
      log.push('batch begins');
      await new Promise<void>((resolve) => (release = resolve));
      log.push('batch ends');
    });
    const running = batcher.push(job('a', 4));
    const exclusive = batcher.exclusive(async () => void log.push('exclusive'));
    release();
    await Promise.all([running, exclusive]);
    expect(log).toEqual(['batch begins', 'batch ends', 'exclusive']);
    await batcher.exclusive(async () => void log.push('idle'));
    expect(log.at(-1)).toBe('idle');
  });
});
