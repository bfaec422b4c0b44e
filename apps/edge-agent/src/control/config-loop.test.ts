import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backoff } from '@saface/agent-kit';
import { type AgentOutput, type EdgeConfig, SafaceError } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { edgeConfig, silent, testVault } from '../testing/fixtures.ts';
import { ConfigLoop } from './config-loop.ts';
import { Problems } from './problems.ts';

type Answer = AgentOutput<'pullEdgeConfig'>;
const answer = (change: Partial<Answer> = {}): Answer => ({
  status: 'unchanged',
  revision: 'r1',
  serverTime: 0,
  preview: [],
  commands: [],
  ...change,
});

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('ConfigLoop', () => {
  let dir: string;
  let answers: (Answer | Error)[];
  let sent: { knownRevision: string | null; acknowledged: string[] }[];
  let taken: string[];
  let obeyed: string[];
  let obey: (id: string) => Promise<void>;
  let refused: number;
  let returns: number;
  let problems: Problems;
  const vault = testVault();

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'saface-config-'));
    answers = [];
    sent = [];
    taken = [];
    obeyed = [];
    obey = async (id) => void obeyed.push(id);
    refused = 0;
    returns = 0;
    problems = new Problems();
  });

  function build(): ConfigLoop {
    const call = async (_procedure: unknown, input: unknown) => {
      sent.push(input as (typeof sent)[number]);
      const next = answers.shift() ?? answer();
      if (next instanceof Error) throw next;
      return next;
    };
    return new ConfigLoop({
      client: { call: call as never },
      vault,
      dir,
      log: silent,
      problems,
      backoff: new Backoff({ first: 500, random: () => 1 }),
      report: () => ({}) as never,
      onConfig: (_config: EdgeConfig, revision) => taken.push(revision),
      onPreview: () => undefined,
      onCommand: ({ id }) => obey(id),
      onBack: () => {
        returns += 1;
      },
      onUnauthenticated: async () => {
        refused += 1;
      },
    });
  }

  it('takes a change, keeps it encrypted, and starts with it when the control plane is away', async () => {
    answers = [answer({ status: 'changed', config: edgeConfig() })];
    await build().pullOnce();
    expect(taken).toEqual(['r1']);
    expect((await readFile(join(dir, 'config.sealed'))).toString('latin1')).not.toContain('corridor');

    const restarted = build();
    expect(await restarted.loadLastGood()).toEqual({ revision: 'r1', config: edgeConfig() });
    await restarted.pullOnce();
    expect(sent.at(-1)?.knownRevision).toBe('r1');
  });

  it('backs off while the control plane is away, says so, and is quick again afterwards', async () => {
    const loop = build();
    const away = () => new SafaceError('unavailable', 'cannot be reached', 'Wait.');
    answers = [away(), away(), answer()];
    expect([await loop.pullOnce(), await loop.pullOnce()]).toEqual([500, 1000]);
    expect(problems.list()).toEqual([expect.stringContaining('cannot be reached')]);
    expect(await loop.pullOnce()).toBe(1000);
    expect(problems.list()).toEqual([]);
    expect(returns).toBe(1);
  });

  it('goes on with the old configuration when the answer breaks the contract', async () => {
    const loop = build();
    answers = [
      answer({ status: 'changed', config: edgeConfig() }),
      new SafaceError('integrity', 'alpha is NaN', 'Fix.'),
    ];
    await loop.pullOnce();
    await loop.pullOnce();
    expect(taken).toEqual(['r1']);
    expect(problems.list()).toEqual([expect.stringContaining('alpha is NaN')]);
  });

  it('waits while it is pending', async () => {
    answers = [answer({ status: 'pending', revision: null })];
    expect(await build().pullOnce()).toBe(2000);
    expect(taken).toEqual([]);
  });

  it('obeys a command once, though it is delivered until it was acknowledged', async () => {
    const loop = build();
    const commands = [{ id: 'c1', command: { kind: 'train-now', scenarioId: 's' } as const }];
    answers = [answer({ commands }), new SafaceError('unavailable', 'lost', 'Wait.'), answer({ commands }), answer()];
    for (let i = 0; i < 4; i++) {
      await loop.pullOnce();
      await tick();
    }
    expect(obeyed).toEqual(['c1']);
    expect(sent.map(({ acknowledged }) => acknowledged)).toEqual([[], ['c1'], ['c1'], ['c1']]);
    await loop.pullOnce();
    expect(sent.at(-1)?.acknowledged).toEqual([]);
  });

  it('reports a damaged file and waits for the control plane instead of ending', async () => {
    await writeFile(join(dir, 'config.sealed'), 'nonsense');
    const loop = build();
    expect(await loop.loadLastGood()).toBeNull();
    expect(problems.list()).toEqual([expect.stringContaining('unreadable')]);
    answers = [answer({ status: 'changed', config: edgeConfig() })];
    await loop.pullOnce();
    expect(problems.list()).toEqual([]);
  });

  it('tells when its credential is refused', async () => {
    answers = [new SafaceError('unauthenticated', 'unknown agent', 'Enrol.')];
    expect(await build().pullOnce()).toBeGreaterThanOrEqual(5000);
    expect(refused).toBe(1);
  });

  it('goes on pulling while a command takes its time, and acknowledges it only when it is done', async () => {
    const loop = build();
    const commands = ['c1', 'c2'].map((id) => ({ id, command: { kind: 'forget-identity', identityId: id } as const }));
    let finish = () => {};
    obey = (id) => {
      obeyed.push(id);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    answers = [
      answer({ commands }),
      answer({ commands, status: 'changed', config: edgeConfig() }),
      answer({ commands }),
    ];
    for (let i = 0; i < 3; i++) await loop.pullOnce();
    expect(taken).toEqual(['r1']);
    expect(obeyed).toEqual(['c1']);
    finish();
    await tick();
    await loop.pullOnce();
    expect(sent.map(({ acknowledged }) => acknowledged)).toEqual([[], [], [], ['c1']]);
    expect(obeyed).toEqual(['c1', 'c2']);
  });
});
