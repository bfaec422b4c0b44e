import { type ArtifactRef, type EdgeConfig, SafaceError } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { Problems } from '../control/problems.ts';
import { FakeModels } from '../testing/fake-models.ts';
import { edgeConfig, identity, plainCrop, scenarioConfig, sha256, silent, tinySpec } from '../testing/fixtures.ts';
import { Serving, type ServingSet } from './serving.ts';

const crop = (value: number): ArtifactRef => ({ sha256: sha256(`crop ${value}`), bytes: value });
const learner = (shift: number): ArtifactRef => ({ sha256: sha256(`learner ${shift}`), bytes: shift });
const v0 = { id: 'v0', label: 'v0', learner: null, threshold: null };
const v1 = { id: 'v1', label: 'v1', learner: learner(10), threshold: 0.4 };

describe('Serving', () => {
  let models: FakeModels;
  let problems: Problems;
  let swaps: ServingSet[];
  let broken: Set<string>;
  let serving: Serving;

  const config = (scenario: Parameters<typeof scenarioConfig>[0] = {}, change: Partial<EdgeConfig> = {}): EdgeConfig =>
    edgeConfig({
      scenarios: [scenarioConfig(scenario)],
      identities: [identity('ann', [crop(100), crop(110)]), identity('bob', [crop(200)])],
      ...change,
    });

  beforeEach(() => {
    models = new FakeModels();
    problems = new Problems();
    swaps = [];
    broken = new Set();
    serving = new Serving({
      loader: models,
      artifact: async (ref) => {
        if (broken.has(ref.sha256)) throw new SafaceError('integrity', 'other bytes', 'Upload it again.');
        return Uint8Array.of(ref.bytes);
      },
      decodeCrop: async (bytes) => {
        if (bytes[0] === 13) throw new SafaceError('invalid-input', 'not a picture', 'Use a PNG.');
        return { width: 8, height: 8, data: plainCrop(bytes[0]!) };
      },
      log: silent,
      problems,
      whileIdle: (action) => action(),
      onSwap: (set) => swaps.push(set),
    });
  });

  it('serves the base model with a template per enrolled crop', async () => {
    expect(await serving.reconcile(config())).toBe(true);
    const set = serving.current('scenario')!;
    expect(set.versionId).toBe('v0');
    expect(set.threshold).toBe(0.5);
    expect(set.gallery.templateCount).toBe(3);
    expect(set.gallery.search(Float32Array.of(2, 2, 2, 2), 1)).toEqual([{ identityId: 'bob', distance: 0 }]);
  });

  it('decides by the distance that comes with the version, or by an operator’s own in a configuration kept from before', async () => {
    const { decision } = scenarioConfig();
    await serving.reconcile(config({ champion: v1 }));
    expect(serving.current('scenario')!.threshold).toBe(0.4);
    await serving.reconcile(config({ champion: v1, decision: { ...decision, threshold: 0.3 } }));
    expect(serving.current('scenario')!.threshold).toBe(0.3);
  });

  it('knows which base model has the most work for a face', async () => {
    expect(serving.heaviest()).toBeNull();
    const base = (id: string, bytes: number) => ({
      id,
      recogniser: tinySpec,
      recogniserArtifact: { sha256: sha256(`recogniser ${id}`), bytes },
    });
    const scenarios = ['light', 'heavy', 'middle'].map((id) => scenarioConfig({ id, baseModelId: id }));
    const baseModels = [base('light', 5), base('heavy', 90), base('middle', 40)];
    await serving.reconcile(config({}, { baseModels, scenarios }));
    expect(serving.heaviest()?.scenarioId).toBe('heavy');
  });

  it('never shows a learner with templates or threshold of another version, at any moment of a swap', async () => {
    await serving.reconcile(config());
    const before = serving.current('scenario')!;
    const seen = new Set<ServingSet>();
    const swap = serving.reconcile(config({ champion: v1, previous: v0 }));
    for (let finished = false; !finished; ) {
      seen.add(serving.current('scenario')!);
      finished = await Promise.race([swap.then(() => true), new Promise<boolean>((r) => setImmediate(() => r(false)))]);
    }
    const after = serving.current('scenario')!;
    expect([...seen].every((set) => set === before || set === after)).toBe(true);
    for (const set of [before, after]) {
      const [probe] = [await set.learner.embed(Float32Array.of(2))];
      expect(set.gallery.search(probe!, 1)[0]).toEqual({ identityId: 'bob', distance: 0 });
    }
    expect([before.threshold, after.threshold]).toEqual([0.5, 0.4]);
  });

  it('rolls back without embedding anything again', async () => {
    await serving.reconcile(config());
    await serving.reconcile(config({ champion: v1, previous: v0 }));
    models.embeddings = [];
    models.extractions = [];
    expect(await serving.reconcile(config({ champion: v0, previous: v1 }))).toBe(true);
    expect(serving.current('scenario')!.versionId).toBe('v0');
    expect(models.embeddings).toEqual([]);
    expect(models.extractions).toEqual([]);
    expect(swaps.map(({ versionId }) => versionId)).toEqual(['v0', 'v1', 'v0']);
  });

  it('embeds only what is new of a changed gallery, and drops who left it', async () => {
    await serving.reconcile(config());
    models.extractions = [];
    await serving.reconcile(config({}, { identities: [identity('ann', [crop(100)]), identity('eve', [crop(50)])] }));
    expect(models.extractions).toEqual([1]);
    const { gallery } = serving.current('scenario')!;
    expect([...gallery.identityIds]).toEqual(['ann', 'eve']);
    expect(gallery.templateCount).toBe(2);
  });

  it('goes on with the old version when a learner is damaged, and says which and why', async () => {
    await serving.reconcile(config());
    broken.add(v1.learner.sha256);
    expect(await serving.reconcile(config({ champion: v1, previous: v0 }))).toBe(false);
    expect(serving.current('scenario')!.versionId).toBe('v0');
    expect(problems.list()).toEqual([expect.stringMatching(/corridor.*v1.*goes on with version v0.*other bytes/)]);
    broken.clear();
    expect(await serving.reconcile(config({ champion: v1, previous: v0 }))).toBe(true);
    expect(problems.list()).toEqual([]);
  });

  it('leaves out an enrolment crop that is no picture, and recognises everybody else', async () => {
    const people = [identity('ann', [crop(13)]), identity('bob', [crop(200)])];
    expect(await serving.reconcile(config({}, { identities: people }))).toBe(true);
    expect([...serving.current('scenario')!.gallery.identityIds]).toEqual(['bob']);
    expect(problems.list()).toEqual([expect.stringContaining('not a picture')]);
    await serving.reconcile(config());
    expect(problems.list()).toEqual([]);
  });

  it('closes versions that nothing needs any more, and only those', async () => {
    const v2 = { id: 'v2', label: 'v2', learner: learner(20), threshold: null };
    await serving.reconcile(config());
    await serving.reconcile(config({ champion: v1, previous: v0 }));
    expect(models.disposed).toEqual([]);
    await serving.reconcile(config({ champion: v2, previous: v1 }));
    expect(models.disposed).toEqual(['learner 0']);
  });

  it('names nobody who was erased, though the champion that comes with it cannot be had', async () => {
    await serving.reconcile(config());
    broken.add(v1.learner.sha256);
    const without = config({ champion: v1, previous: v0 }, { identities: [identity('bob', [crop(200)])] });
    serving.withdraw(without);
    const { gallery } = serving.current('scenario')!;
    expect([...gallery.identityIds]).toEqual(['bob']);
    expect(await serving.reconcile(without)).toBe(false);
    expect(serving.current('scenario')!.versionId).toBe('v0');
  });

  it('leaves somebody out of a gallery who is erased while it is embedded', async () => {
    const embedding = serving.reconcile(config());
    serving.withdraw(config({}, { identities: [identity('bob', [crop(200)])] }));
    await embedding;
    expect([...serving.current('scenario')!.gallery.identityIds]).toEqual(['bob']);
  });
});
