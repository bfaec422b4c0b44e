import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeConfig, type OutboxItem, SafaceError } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { Problems } from '../control/problems.ts';
import type { Vault } from '../control/vault.ts';
import type { LearningParts } from '../edge-agent.ts';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import { Serving } from '../recognition/serving.ts';
import { FakeModels } from '../testing/fake-models.ts';
import { edgeConfig, identity, plainCrop, scenarioConfig, sha256, silent, testVault } from '../testing/fixtures.ts';
import { couples, twoPeople } from '../testing/two-people.ts';
import { ErasedPeople } from './erased-people.ts';
import { baseKeyOf } from './prepare-run.ts';
import { RunStore } from './run-record.ts';
import { RunStarter, type ScenarioState } from './run-starter.ts';
import { ScenarioMemory } from './scenario-memory.ts';
import { ScenarioTracks } from './scenario-tracks.ts';
import { TrackFiles } from './track-files.ts';

const learner = { sha256: sha256('learner'), bytes: 10 };
const v0 = { id: 'v0', label: 'v0', learner: null, threshold: null };
const v1 = { id: 'v1', label: 'v1', learner, threshold: null };

describe('RunStarter', () => {
  let dir: string;
  let vault: Vault;
  let config: EdgeConfig;
  let runs: RunStore;
  let serving: Serving;
  let problems: Problems;
  let scenarios: Map<string, ScenarioState>;
  let items: OutboxItem[];
  let asked: string[];
  let lacking: boolean;
  let waiting: number;
  let now: number;
  let starter: RunStarter;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'saface-starter-'));
    vault = testVault();
    problems = new Problems();
    scenarios = new Map();
    items = [];
    asked = [];
    lacking = false;
    waiting = 0;
    now = 0;
    runs = new RunStore(join(dir, 'runs'), vault, silent);
    await runs.load();
    const artifact = async (ref: { sha256: string; bytes: number }) => Uint8Array.of(ref.bytes);
    serving = new Serving({
      loader: new FakeModels(),
      artifact,
      decodeCrop: async (bytes) => ({ width: 8, height: 8, data: plainCrop(bytes[0]!) }),
      log: silent,
      problems,
      whileIdle: (action) => action(),
    });
    const artifacts = {
      get: async (ref: { sha256: string; bytes: number }) => {
        asked.push(ref.sha256);
        if (lacking) throw new SafaceError('unavailable', 'the control plane is away', 'Wait.');
        return artifact(ref);
      },
      waiting: async () => waiting,
    };
    const parts = {
      vault,
      log: silent,
      problems,
      serving,
      artifacts,
      outbox: { add: async (i: OutboxItem) => items.push(i) },
    };
    starter = new RunStarter({
      ...(parts as unknown as LearningParts),
      runs,
      pictures: { keep: () => undefined },
      config: () => config,
      scenario: (id) => scenarios.get(id) ?? null,
      onCreated: async () => undefined,
      now: () => now,
    });
    await configure(
      edgeConfig({
        scenarios: [scenarioConfig({ id: 'a', champion: v1, previous: v0 }), scenarioConfig({ id: 'b' })],
        identities: [identity('bob', [{ sha256: sha256('bob'), bytes: 200 }])],
      }),
    );
  });

  async function configure(to: EdgeConfig): Promise<void> {
    config = to;
    await serving.reconcile(to);
  }

  /** Enough people in view of a scenario to train. */
  function watch(id: string, people: Iterable<RecognisedFrame> = couples()): ScenarioTracks {
    const files = new TrackFiles(join(dir, 'tracks', id), vault);
    const erased = new ErasedPeople(dir, vault, silent);
    const tracks = new ScenarioTracks({ files, limits: { maxProbes: 1000, minQuality: 0.3 }, erased, log: silent });
    scenarios.set(id, { tracks, memory: ScenarioMemory.open(join(dir, 'learning'), id, vault) });
    for (const frame of people) tracks.observe(frame, baseKeyOf(serving.current(id)!.base));
    return tracks;
  }

  const started = () => runs.open().map(({ scenarioId }) => scenarioId);

  it('trains nothing by itself while the control plane has not taken what was trained', async () => {
    watch('a');
    waiting = 10;
    await starter.startDue();
    expect(started()).toEqual([]);
    waiting = 9;
    now = 1_000_000;
    await starter.startDue();
    expect(started()).toEqual(['a']);
  });

  it('starts the run of one scenario though another cannot, and tries that one again later and later', async () => {
    watch('a');
    watch('b');
    lacking = true;
    await starter.startDue();
    expect(started()).toEqual(['b']);
    expect(problems.list()).toEqual([expect.stringMatching(/cannot start a training run: the control plane is away/)]);
    await starter.startDue();
    expect(asked).toHaveLength(1);
    now = 10_000;
    await starter.startDue();
    expect(asked).toHaveLength(2);
    now = 10_000 + 9_000;
    await starter.startDue();
    expect(asked).toHaveLength(2);
    lacking = false;
    now = 1_000_000;
    await starter.startDue();
    expect(started().sort()).toEqual(['a', 'b']);
    expect(problems.list()).toEqual([]);
  });

  it('does not try what could not be: it counts as the run does', async () => {
    watch('b', couples({ quality: 0.2 }));
    await starter.startDue();
    expect(runs.all()).toEqual([]);
    now = 5_000;
    watch('b');
    // Had it been tried, it would wait now.
    await starter.startDue();
    expect(started()).toEqual(['b']);
  });

  it('waits for people who can judge, however many triplets two alone make, and tells whoever asks', async () => {
    const tracks = watch('b', twoPeople(0, 200));
    expect(tracks.counts().triplets).toBeGreaterThan(config.scenarios[1]!.learning.minTriplets);
    await starter.startDue();
    expect(runs.all()).toEqual([]);
    expect(problems.list()).toEqual([]);
    await starter.startAsked('b', 'asked');
    expect(items).toMatchObject([
      { id: 'refused-asked', payload: { reason: expect.stringContaining('Too few people were seen together') } },
    ]);
    watch('b');
    await starter.startDue();
    expect(started()).toEqual(['b']);
  });

  it('leaves no folder of a run that could not be written down', async () => {
    watch('b');
    const write = vault.writeFile.bind(vault);
    let written = 0;
    vault.writeFile = async (...file) => {
      if (++written === 2) throw new SafaceError('exhausted', 'The disk is full', 'Free some space.');
      await write(...file);
    };
    await starter.startDue();
    expect(written).toBe(2);
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
    expect(runs.all()).toEqual([]);
  });

  it('remembers whose enrolled faces the data holds', async () => {
    watch('b');
    await starter.startDue();
    expect(runs.open()[0]).toMatchObject({ identityIds: ['ann'], enrolledIds: ['bob'] });
  });

  it('remembers which runs a person asked for', async () => {
    watch('a');
    watch('b');
    await starter.startAsked('b', 'asked');
    await starter.startDue();
    const askedFor = runs.open().filter(({ asked }) => asked);
    expect(started().sort()).toEqual(['a', 'b']);
    expect(askedFor.map(({ id }) => id)).toEqual(['asked']);
  });

  it('trains from no version that is neither champion nor the one before', async () => {
    watch('b');
    config = { ...config, scenarios: [scenarioConfig({ id: 'b', champion: { ...v1, id: 'v2' }, previous: v1 })] };
    await starter.startAsked('b', 'asked');
    expect(runs.all()).toEqual([]);
    expect(items).toMatchObject([{ id: 'refused-asked', payload: { reason: expect.stringContaining('v0') } }]);
  });

  it('does not take what comes for learnt because a clock was ahead', async () => {
    const tracks = watch('b');
    const ahead = { ...tracks.snapshot()!, to: Date.now() + 3_600_000 };
    tracks.snapshot = () => ahead;
    await starter.startDue();
    const memory = await scenarios.get('b')!.memory;
    expect(memory.trainedUntil).toBeGreaterThan(0);
    expect(memory.trainedUntil).toBeLessThanOrEqual(Date.now());
  });
});
