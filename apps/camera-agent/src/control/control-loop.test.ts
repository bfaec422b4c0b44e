import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backoff, createLogger } from '@saface/agent-kit';
import { type AgentInput, type AgentOutput, type CameraConfig, SafaceError } from '@saface/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Configurable, runControlLoop } from './control-loop.ts';
import { ConfigStore } from './stored-config.ts';

const artifact = { sha256: 'a'.repeat(64), bytes: 1 };
const config = (name: string): CameraConfig => ({
  cameraId: 'c1',
  name,
  source: { kind: 'file', path: '/x.mp4', loop: false },
  sampleRate: 5,
  unpaced: false,
  minFaceSize: 24,
  detectorThreshold: 0.5,
  alignment: { size: 112, template: Array.from({ length: 5 }, () => ({ x: 0, y: 0 })) },
  detectorArtifact: artifact,
  landmarksArtifact: artifact,
  edge: { url: 'ws://edge', ingestKey: 'secret-ingest-key-1' },
});
type Answer = AgentOutput<'pullCameraConfig'> | SafaceError;
const unchanged = { status: 'unchanged', revision: 'r1', serverTime: 0 } as const;
const changed = (revision: string): Answer => ({
  status: 'changed',
  revision,
  serverTime: 0,
  config: config(revision),
});
const away = new SafaceError('unavailable', 'away', 'wait');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'saface-control-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs the loop over the scripted answers, one a pull. */
async function run(
  answers: readonly Answer[],
  agent: Partial<Configurable> & Pick<Configurable, 'apply'>,
  key: Buffer | null = null,
) {
  const abort = new AbortController();
  const pulls: AgentInput<'pullCameraConfig'>[] = [];
  const waits: number[] = [];
  const queue = [...answers];
  const store = new ConfigStore(join(directory, 'config.json'), key);
  await runControlLoop({
    client: {
      async call(_procedure, input) {
        pulls.push(input as AgentInput<'pullCameraConfig'>);
        const answer = queue.shift()!;
        if (answer instanceof SafaceError) throw answer;
        // The script knows which procedure is asked for; the generic signature does not.
        return answer as never;
      },
    },
    agent: { broken: false, reported: { state: 'playing', error: null }, ...agent },
    store,
    logger: createLogger('test', 'silent'),
    signal: abort.signal,
    backoff: new Backoff({ first: 10, longest: 1000, random: () => 1 }),
    applyBackoff: new Backoff({ first: 0, longest: 0, random: () => 1 }),
    interval: 1000,
    sleep: async (ms) => {
      waits.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      if (queue.length === 0) abort.abort();
    },
  });
  return { pulls, waits, store };
}

it('applies what changed, keeps it on disk, and reports the revision in force', async () => {
  const applied: string[] = [];
  const { pulls, store } = await run([changed('r1'), unchanged, changed('r2'), unchanged], {
    apply: async ({ name }) => void applied.push(name),
  });
  expect(applied).toEqual(['r1', 'r2']);
  expect(pulls.map(({ knownRevision }) => knownRevision)).toEqual([null, 'r1', 'r1', 'r2']);
  expect(pulls.map(({ reported }) => reported.revision)).toEqual([null, 'r1', 'r1', 'r2']);
  expect((await store.read())?.revision).toBe('r2');
  expect((await stat(join(directory, 'config.json'))).mode & 0o777).toBe(0o600);
});

it('starts from the last good configuration while the control plane is away, sealed on disk', async () => {
  const key = Buffer.alloc(32, 7);
  await run([changed('r1'), unchanged], { apply: async () => undefined }, key);
  expect((await readFile(join(directory, 'config.json'))).includes('secret-ingest-key-1')).toBe(false);
  const applied: string[] = [];
  const { waits } = await run([away, away, away], { apply: async ({ name }) => void applied.push(name) }, key);
  expect(applied).toEqual(['r1']);
  expect(waits).toEqual([10, 20, 40]);
});

it('ignores a stored configuration it cannot read and asks for it again', async () => {
  await run([changed('r1')], { apply: async () => undefined }, Buffer.alloc(32, 7));
  const { pulls } = await run([changed('r1'), unchanged], { apply: async () => undefined }, Buffer.alloc(32, 8));
  expect(pulls[0]!.knownRevision).toBeNull();
});

it('tries again what could not be applied, and reports it as not in force', async () => {
  let tries = 0;
  const { pulls } = await run([changed('r1'), unchanged, unchanged, unchanged, unchanged], {
    apply: async () => {
      if (++tries < 3) throw new SafaceError('integrity', 'wrong bytes', 'fetch again');
    },
  });
  expect(tries).toBe(3);
  expect(pulls[1]!.reported.revision).toBeNull();
  expect(pulls.at(-1)!.reported.revision).toBe('r1');
});

it('asks what to do when the control plane no longer knows it, and ends only for good reason', async () => {
  const abort = new AbortController();
  let refusals = 0;
  const loop = runControlLoop({
    client: {
      call: async () => {
        throw new SafaceError('unauthenticated', 'Unknown agent', 'Enrol it');
      },
    },
    agent: { broken: false, reported: { state: 'playing', error: null }, apply: async () => undefined },
    store: new ConfigStore(join(directory, 'config.json'), null),
    logger: createLogger('test', 'silent'),
    signal: abort.signal,
    sleep: async () => undefined,
    async onRefused() {
      if (++refusals === 3) throw new SafaceError('conflict', 'Enrolled anew', 'Start again');
    },
  });
  await expect(loop).rejects.toThrow('Enrolled anew');
  expect(refusals).toBe(3);
});

it('mends what broke without a new configuration', async () => {
  let applied = 0;
  const agent = {
    broken: false,
    apply: async () => {
      applied++;
      agent.broken = applied < 3;
    },
  };
  const abortable = agent as Configurable & typeof agent;
  Object.defineProperty(abortable, 'reported', { value: { state: 'failed', error: 'x' } });
  const abort = new AbortController();
  let pulls = 0;
  await runControlLoop({
    client: { call: async () => (pulls++ === 0 ? changed('r1') : unchanged) as never },
    agent: abortable,
    store: new ConfigStore(join(directory, 'config.json'), null),
    logger: createLogger('test', 'silent'),
    signal: abort.signal,
    applyBackoff: new Backoff({ first: 0, longest: 0 }),
    sleep: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (pulls === 8) abort.abort();
    },
  });
  expect(applied).toBe(3);
});
