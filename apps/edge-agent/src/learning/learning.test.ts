import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSchedulingPolicy, type EdgeConfig, type OutboxItem, SafaceError } from '@saface/core';
import { defaultEngineChoice } from '@saface/engine/engines/index';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problems } from '../control/problems.ts';
import type { LearningParts } from '../edge-agent.ts';
import { Serving } from '../recognition/serving.ts';
import { LoadMeter } from '../scheduling/load-meter.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { FakeModels } from '../testing/fake-models.ts';
import { edgeConfig, identity, plainCrop, scenarioConfig, sha256, silent, testVault } from '../testing/fixtures.ts';
import { freePort } from '../testing/redis-server.ts';
import { couples } from '../testing/two-people.ts';
import { Learning } from './learning.ts';

const v1 = { id: 'v1', label: 'v1', learner: { sha256: sha256('learner'), bytes: 10 }, threshold: null };

/** Without a Redis, so runs are written down and wait. */
describe('Learning', () => {
  let dir: string;
  let serving: Serving;
  let learning: Learning;
  let items: OutboxItem[];
  let compared: string[];
  let config: EdgeConfig;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'saface-learning-'));
    items = [];
    compared = [];
    const problems = new Problems();
    serving = new Serving({
      loader: new FakeModels(),
      artifact: async (ref) => Uint8Array.of(ref.bytes),
      decodeCrop: async (bytes) => ({ width: 8, height: 8, data: plainCrop(bytes[0]!) }),
      log: silent,
      problems,
      whileIdle: (action) => action(),
    });
    // Nothing to measure with a trainer.
    serving.list = () => [];
    const sides = serving.sides.bind(serving);
    serving.sides = (scenarioId) => {
      compared.push(scenarioId);
      return sides(scenarioId);
    };
    const parts = {
      env: {
        dir,
        keyFile: join(dir, 'key'),
        redisUrl: `redis://127.0.0.1:${await freePort()}`,
        threads: 1,
        trainerThreads: 1,
        engine: defaultEngineChoice,
      },
      agentId: 'edge-1',
      vault: testVault(),
      log: silent,
      problems,
      serving,
      scheduler: new Scheduler(() => defaultSchedulingPolicy, new LoadMeter()),
      outbox: { add: async (item: OutboxItem) => void items.push(item), storeDown: false },
      artifacts: {
        get: async () => {
          throw new SafaceError('unavailable', 'the control plane is away', 'Wait.');
        },
        waiting: async () => 0,
      },
    };
    learning = new Learning(parts as unknown as LearningParts);
    config = edgeConfig({
      policy: { ...edgeConfig().policy, mode: 'always-on' },
      scenarios: [scenarioConfig({ id: 'a', champion: v1 }), scenarioConfig({ id: 'b' })],
      identities: [identity('bob', [{ sha256: sha256('bob'), bytes: 200 }])],
    });
    await serving.reconcile(config);
    learning.configure(config);
    for (const scenario of config.scenarios) {
      const { base } = serving.current(scenario.id)!;
      for (const frame of couples({ change: { scenario, base } })) learning.observe(frame);
    }
  });

  afterEach(() => learning.stop());

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const statuses = (scenarioId: string) =>
    items.flatMap(({ kind, payload }) =>
      kind === 'training-run' && payload.scenarioId === scenarioId ? [payload.status] : [],
    );

  it('trains and compares in every scenario, though one cannot start its run', async () => {
    await until(() => statuses('b').length > 0 && compared.includes('b'));
    expect(statuses('a')).toEqual([]);
  });

  it.each(['ann', 'bob'])(
    'ends a run that holds tracks or enrolled faces of somebody who is erased: %s',
    async (id) => {
      await learning.obey({ id: 'c1', command: { kind: 'train-now', scenarioId: 'b' } });
      await learning.obey({ id: 'c2', command: { kind: 'forget-identity', identityId: id } });
      expect(statuses('b')).toEqual(['queued', 'cancelled']);
      const [run] = await readdir(join(dir, 'runs'));
      expect(await readdir(join(dir, 'runs', run!))).toEqual(['run.sealed']);
    },
  );

  it('ends a paused run of a scenario that was told to learn no more, with all that it holds', async () => {
    await learning.obey({ id: 'c1', command: { kind: 'train-now', scenarioId: 'b' } });
    const [run] = await readdir(join(dir, 'runs'));
    await learning.obey({ id: 'c2', command: { kind: 'pause-run', runId: run! } });
    const off = config.scenarios.map((scenario) => ({
      ...scenario,
      learning: { ...scenario.learning, enabled: false },
    }));
    learning.configure({ ...config, scenarios: off });
    // As every round of planning does, this looks whether the runs may go on.
    await learning.obey({ id: 'c3', command: { kind: 'forget-identity', identityId: 'eve' } });
    expect(statuses('b')).toEqual(['queued', 'paused', 'cancelled']);
    expect(await readdir(join(dir, 'runs', run!))).toEqual(['run.sealed']);
  });
});
