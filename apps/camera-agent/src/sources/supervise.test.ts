import { Backoff } from '@saface/agent-kit';
import { type Frame, SafaceError } from '@saface/core';
import { expect, it } from 'vitest';
import type { SourcePlan } from './source-plan.ts';
import { type CapturedFrame, superviseSource } from './supervise.ts';

const picture = { width: 1, height: 1, data: new Uint8Array(3) };
type Pass = readonly (number | SafaceError)[] | SafaceError;

/** Each pass yields frames at the given times, or throws, at once or in between; passes after the last abort the run. */
function harness(passes: readonly Pass[], options: { live: boolean; loop?: boolean; paced?: boolean }) {
  const abort = new AbortController();
  const waits: number[] = [];
  const states: string[] = [];
  let clock = 1_000_000;
  let opened = 0;
  const plan: SourcePlan = {
    name: 'camera',
    live: options.live,
    loop: options.loop ?? false,
    async *open({ wants }): AsyncGenerator<Frame> {
      const pass = passes[opened++];
      if (pass === undefined) return abort.abort();
      if (pass instanceof SafaceError) throw pass;
      for (const [index, time] of pass.entries()) {
        if (time instanceof SafaceError) throw time;
        if (wants(time)) yield { ...picture, index, time };
      }
    },
  };
  const frames = superviseSource(plan, {
    signal: abort.signal,
    paced: options.paced ?? false,
    sampler: { wants: () => true, reset: () => undefined },
    onState: (state, error) => states.push(error === null ? state : `${state}: ${error}`),
    backoff: new Backoff({ first: 100, longest: 1000, random: () => 1 }),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      clock += milliseconds;
    },
    now: () => clock,
  });
  return { frames, waits, states, opened: () => opened, elapse: (ms: number) => (clock += ms) };
}
const all = async (frames: AsyncIterable<CapturedFrame>) => {
  const got: CapturedFrame[] = [];
  for await (const frame of frames) got.push(frame);
  return got;
};
const away = new SafaceError('unavailable', 'The camera is away', 'Switch it on');
const bad = new SafaceError('invalid-input', 'Not a video', 'Copy it again');
const cutOff = new SafaceError('invalid-input', 'Cut off', 'Copy it again');

it('opens a live source again, ever more slowly, and says why', async () => {
  const run = harness([away, away, away, [2e6, 2e6 + 40], away], { live: true });
  const frames = await all(run.frames);
  expect(run.waits).toEqual([100, 200, 400, 800, 1000]);
  expect(run.states.slice(0, 4)).toEqual([
    ...Array(3).fill('reconnecting: The camera is away — Switch it on'),
    'playing',
  ]);
  expect(run.states[4]).toMatch(/^reconnecting: "camera" ended its stream/);
  expect(frames.map(({ time }) => time)).toEqual([2e6, 2e6 + 40]);
});

it('starts with a short wait again after a pass that worked', async () => {
  const run = harness([away, away, [1, 2], away], { live: true });
  for await (const _ of run.frames) run.elapse(4000);
  expect(run.waits).toEqual([100, 200, 100, 200]);
});

it('calls wrong settings of a live source failed, yet looks again', async () => {
  const run = harness([new SafaceError('invalid-input', 'No video inside', 'Choose another stream')], { live: true });
  await all(run.frames);
  expect(run.states).toEqual(['failed: No video inside — Choose another stream']);
  expect(run.waits).toEqual([30_000]);
});

it('ends a file at its end, or where it breaks off', async () => {
  const good = harness([[0, 40, 80]], { live: false });
  expect(await all(good.frames)).toHaveLength(3);
  expect(good.states).toEqual(['playing', 'ended']);
  const cut = harness([[0, 40, cutOff]], { live: false });
  expect(await all(cut.frames)).toHaveLength(2);
  expect(cut.states).toEqual(['playing', 'failed: Cut off — Copy it again']);
});

it('says what is wrong with a file, and looks whether it was mended', async () => {
  const run = harness([bad, bad, [0, 40]], { live: false });
  expect(await all(run.frames)).toHaveLength(2);
  expect(run.states).toEqual([...Array(2).fill('failed: Not a video — Copy it again'), 'playing', 'ended']);
  expect(run.waits).toEqual([30_000, 30_000]);
});

it('plays a file that is cut off over again when it loops, and says so each time', async () => {
  const run = harness(
    [
      [0, 40, cutOff],
      [0, 40, cutOff],
    ],
    { live: false, loop: true },
  );
  expect(await all(run.frames)).toHaveLength(4);
  expect(run.states).toEqual(Array(2).fill(['playing', 'reconnecting: Cut off — Copy it again']).flat());
  expect(run.waits).toEqual([100, 200]);
});

it('gives each loop of a file its own session while times go on rising', async () => {
  const run = harness(
    [
      [0, 40],
      [0, 40],
      [0, 40],
    ],
    { live: false, loop: true, paced: true },
  );
  const frames = await all(run.frames);
  expect(frames.map(({ index }) => index)).toEqual([0, 1, 0, 1, 0, 1]);
  expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBe(3);
  for (let i = 1; i < frames.length; i++) expect(frames[i]!.time).toBeGreaterThan(frames[i - 1]!.time);
});

it('hands a paced file out by its media clock, and an unpaced one at once', async () => {
  const paced = harness([[0, 40, 120]], { live: false, paced: true });
  const frames = await all(paced.frames);
  expect(frames.map(({ time }) => time - frames[0]!.time)).toEqual([0, 40, 120]);
  expect(paced.waits).toEqual([40, 80]);
  const unpaced = harness([[0, 40, 120]], { live: false });
  expect((await all(unpaced.frames)).map(({ time }) => time)).toEqual([1_000_000, 1_000_001, 1_000_002]);
  expect(unpaced.waits).toEqual([]);
});

it('does not hurry after a long delay', async () => {
  const run = harness([[0, 40, 80, 120]], { live: false, paced: true });
  let seen = 0;
  for await (const _ of run.frames) if (++seen === 1) run.elapse(10_000);
  expect(run.waits).toEqual([40, 40]);
});

it('does not wait out a hole in a recording', async () => {
  const run = harness([[0, 40, 5040, 7_205_040, 7_205_080]], { live: false, paced: true });
  const frames = await all(run.frames);
  expect(run.waits).toEqual([40, 5000, 40]);
  expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 0, 1]);
  expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBe(2);
  for (let i = 1; i < frames.length; i++) expect(frames[i]!.time).toBeGreaterThan(frames[i - 1]!.time);
});

it('begins a new session when the clock of a live source is set back, and smooths over less', async () => {
  const run = harness([[5_000_000, 5_000_040, 4_999_900, 1_000_000, 1_000_040]], { live: true });
  const frames = await all(run.frames);
  expect(frames.map(({ time }) => time)).toEqual([5_000_000, 5_000_040, 5_000_041, 1_000_000, 1_000_040]);
  expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 0, 1]);
  expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBe(2);
});

it.each([
  ['before its first picture', false],
  ['after some', true],
])('gives up a live source that hangs %s, and opens it again', async (_, played) => {
  const abort = new AbortController();
  const states: string[] = [];
  let opened = 0;
  let released = 0;
  const plan: SourcePlan = {
    name: 'camera',
    live: true,
    loop: false,
    async *open({ signal, wants }): AsyncGenerator<Frame> {
      opened += 1;
      if (opened === 3) return abort.abort();
      if (played && wants(1)) yield { ...picture, index: 0, time: 1 };
      signal?.addEventListener('abort', () => {
        released += 1;
      });
      await new Promise(() => undefined);
    },
  };
  const frames = superviseSource(plan, {
    signal: abort.signal,
    paced: false,
    sampler: { wants: () => true, reset: () => undefined },
    onState: (state, error) => states.push(error ?? state),
    sleep: async () => undefined,
    silence: { first: 20, next: 10 },
  });
  expect(await all(frames)).toHaveLength(played ? 2 : 0);
  expect([opened, released]).toEqual([3, 2]);
  expect(states.at(-1)).toMatch(/^"camera" has sent no picture for .* it is opened again/);
});
