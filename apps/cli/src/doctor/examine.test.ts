import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeProvider } from '@saface/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../env.ts';
import { examine, type Subject } from './examine.ts';
import { checkClock, checkMemory, checkNode, findProgram } from './machine.ts';

const noGpu: ProbeProvider = async (provider) =>
  provider === 'cpu'
    ? { usable: true, reason: null, times: null }
    : { usable: false, reason: 'no driver', times: null };

describe('examine', () => {
  let home: string;
  let subject: Subject;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'saface-doctor-'));
    subject = {
      home,
      models: join(home, 'models'),
      root: repositoryRoot,
      path: '/nowhere',
      engine: { engine: 'onnx', provider: 'auto' },
      external: { postgres: false, redis: true },
      probe: noGpu,
    };
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('says which engine it would use and why no faster one', async () => {
    const { ok, checks, engines } = await examine(subject);
    expect(ok).toBe(true);
    const engine = checks.find(({ name }) => name === 'engine');
    expect(engine?.found).toMatch(/^onnx\/cpu .*passed over: cuda: no driver/);
    expect(engines.find(({ backend }) => backend === 'wasm')?.usable).toBe(true);
    const missing = engines.find(({ backend }) => backend === 'tfjs-node-gpu');
    if (!missing?.usable) expect(missing?.reason).toMatch(/npm install .*@tensorflow\/tfjs-node-gpu@/);
  });

  it('fails for an engine that does not work here, and for a key that others can read', async () => {
    await mkdir(join(home, 'keys'));
    await writeFile(join(home, 'keys/edge.key'), 'secret', { mode: 0o600 });
    await chmod(join(home, 'keys/edge.key'), 0o644);
    const { ok, checks } = await examine({ ...subject, engine: { engine: 'onnx', provider: 'cuda' } });
    expect(ok).toBe(false);
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed.map(({ name }) => name)).toEqual(['secret file', 'engine']);
    expect(failed[0]?.remedy).toBe(`Run: chmod 600 ${join(home, 'keys/edge.key')}`);
    expect(failed[1]?.found).toContain('no driver');
  });

  it('notices default models that are damaged', async () => {
    await mkdir(subject.models);
    await writeFile(join(subject.models, 'manifest.json'), '{}');
    const { checks } = await examine(subject);
    expect(checks.find(({ name }) => name === 'default models')).toMatchObject({ status: 'warn' });
    expect(checks.find(({ name }) => name === 'default models')?.found).toContain('damaged');
  });
});

it('judges versions, memory and clocks', () => {
  expect(checkNode('20.19.0').status).toBe('ok');
  expect(checkNode('20.18.3').status).toBe('fail');
  expect(checkNode('22.1.0').status).toBe('ok');
  expect(checkMemory(2 * 2 ** 30).status).toBe('warn');
  expect(checkClock(0).status).toBe('fail');
  expect(findProgram('sh', '/bin')).toMatch(/\/sh$/);
  expect(findProgram('no-such-program', '/bin')).toBeNull();
});
