import { decisionPolicySchema, type RecognitionEvent, type RgbImage, type ServedVersion } from '@saface/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problems } from '../control/problems.ts';
import { frame, probe } from '../testing/fake-camera.ts';
import { FakeModels } from '../testing/fake-models.ts';
import { edgeConfig, identity, plainCrop, scenarioConfig, sha256, silent } from '../testing/fixtures.ts';
import { EventWriter } from './event-writer.ts';
import { type RecognisedFrame, Recogniser } from './recogniser.ts';
import { Serving } from './serving.ts';

const crop = (value: number): RgbImage => ({ width: 8, height: 8, data: plainCrop(value) });
const v0 = { id: 'v0', label: 'v0', learner: null, threshold: null };
const v1 = { id: 'v1', label: 'v1', learner: { sha256: sha256('v1'), bytes: 10 }, threshold: null };

describe('Recogniser', () => {
  let models: FakeModels;
  let serving: Serving;
  let events: RecognitionEvent[];
  let observed: RecognisedFrame[];
  let complaints: (string | null)[];
  let recogniser: Recogniser;
  const scenario = scenarioConfig({
    decision: decisionPolicySchema.parse({ threshold: null, margin: 0, minProbes: 2, minQuality: 0.3 }),
  });

  const reconcile = (champion: ServedVersion = v0) =>
    serving.reconcile(
      edgeConfig({
        scenarios: [{ ...scenario, champion, previous: champion === v0 ? null : v0 }],
        identities: [
          identity('ann', [{ sha256: sha256('ann'), bytes: 100 }]),
          identity('bob', [{ sha256: sha256('bob'), bytes: 200 }]),
        ],
      }),
    );

  beforeEach(async () => {
    models = new FakeModels();
    events = [];
    observed = [];
    complaints = [];
    serving = new Serving({
      loader: models,
      artifact: async (ref) => Uint8Array.of(ref.bytes),
      decodeCrop: async (bytes) => crop(bytes[0]!),
      log: silent,
      problems: new Problems(),
      whileIdle: (action) => action(),
    });
    await reconcile();
    models.extractions = [];
    models.embeddings = [];
    const writer = new EventWriter({
      add: async (item) => {
        if (item.kind === 'event') events.push(item.payload);
      },
      journal: { open: async () => {}, close: async () => {}, load: async () => [] },
      encodeJpeg: async ({ data }) => data.slice(0, 1),
      refresh: 60_000,
    });
    recogniser = new Recogniser({
      serving: (id) => serving.current(id),
      report: (origin, track, ended) => writer.report(origin, track, ended),
      onFrame: (seen) => observed.push(seen),
      onTracksEnd: () => undefined,
      onStreamEnd: () => undefined,
      onLatency: () => undefined,
      onCameraProblem: (_camera, message) => complaints.push(message),
      maxDelay: 1,
    });
  });

  interface Sent {
    readonly faces?: Record<number, number>;
    readonly quality?: number;
    readonly ended?: number[];
    readonly camera?: string;
    readonly session?: string;
    readonly size?: number;
  }

  /** One frame: `faces` maps track ids to the grey of the face. */
  function take(frameIndex: number, { faces = {}, quality = 0.8, ended = [], camera = 'camera', ...rest }: Sent) {
    const ids = Object.keys(faces).map(Number);
    const { session = 's1', size = 8 } = rest;
    const message = {
      ...frame({ frameIndex, sessionId: session, endedTracks: ended, cropSize: size }),
      probes: ids.map((id) => probe(id, { quality })),
      blobs: [],
    };
    return recogniser.take({ cameraId: camera, scenario, message, crops: ids.map((id) => crop(faces[id]!)), skew: 0 });
  }

  const said = () =>
    events.map(
      ({ trackId, decision, identityId, ended }) => `${trackId} ${identityId ?? decision}${ended ? ' ended' : ''}`,
    );

  it('recognises the probes of several cameras in one call of the network', async () => {
    // Both wait for the same batch, however long this machine takes from one to the other.
    let open = () => {};
    const held = recogniser.batcher.exclusive(() => new Promise<void>((resolve) => (open = resolve)));
    const taken = [take(1, { faces: { 1: 100, 2: 200 } }), take(1, { faces: { 1: 50 }, camera: 'other' })];
    open();
    await Promise.all([held, ...taken]);
    expect(models.extractions).toEqual([3]);
    expect(models.embeddings).toEqual([{ learner: 0, features: 3 }]);
    expect(observed.map(({ cameraId, features }) => [cameraId, [...features]])).toEqual([
      ['camera', [1, 2]],
      ['other', [0.5]],
    ]);
  });

  it('recognises a crowd in several calls of the network, as if it were one', async () => {
    const faces = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [i + 1, i + 100]));
    await take(1, { faces });
    await take(2, { faces });
    expect(models.extractions).toEqual([32, 32, 6, 32, 32, 6]);
    expect(models.embeddings.map(({ features }) => features)).toEqual([32, 32, 6, 32, 32, 6]);
    expect([...observed[0]!.features]).toEqual([...Float32Array.from({ length: 70 }, (_, i) => (i + 100) / 100)]);
    expect(said()).toHaveLength(70);
  });

  it('fails for a crowd of which one call fails, and goes on with the next frame', async () => {
    const faces = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [i + 1, i + 100]));
    const { extractor } = serving.current(scenario.id)!.base;
    const extract = extractor.extract.bind(extractor);
    vi.spyOn(extractor, 'extract').mockImplementationOnce(extract).mockRejectedValueOnce(new Error('out of memory'));
    await expect(take(1, { faces })).rejects.toThrow('out of memory');
    expect(observed).toEqual([]);
    await take(2, { faces });
    expect(observed).toHaveLength(1);
  });

  it('makes one event per track: opened when enough probes have spoken, closed when the track ends', async () => {
    await take(1, { faces: { 1: 100, 2: 20 } });
    expect(said()).toEqual([]);
    await take(2, { faces: { 1: 100, 2: 20 } });
    await take(3, { faces: { 1: 100, 2: 20 } });
    await take(4, { ended: [1, 2] });
    expect(said()).toEqual(['1 ann', '2 unknown', '1 ann ended', '2 unknown ended']);
    const [opened, , closed] = events;
    expect(closed!.id).toBe(opened!.id);
    expect(closed!.sequence).toBeGreaterThan(opened!.sequence);
    expect(closed).toMatchObject({ probes: 3, versionId: 'v0', threshold: 0.5, cropJpeg: 'ZA==' });
    // Nobody near enough: the nearest is told, but not as a name.
    expect(events[1]).toMatchObject({ identityId: null, runnerUpIdentityId: 'ann' });
  });

  it('does not let probes of low quality speak', async () => {
    for (let i = 1; i < 6; i++) await take(i, { faces: { 1: 100 }, quality: 0.1 });
    await take(6, { ended: [1] });
    expect(said()).toEqual([]);
  });

  it('decides from the best probes, so that a few bad ones change nothing', async () => {
    await take(1, { faces: { 1: 100 }, quality: 0.9 });
    for (let i = 2; i < 8; i++) await take(i, { faces: { 1: 100 }, quality: 0.8 });
    for (let i = 8; i < 30; i++) await take(i, { faces: { 1: 200 }, quality: 0.4 });
    expect(said()).toEqual(['1 ann']);
  });

  it('never decides with embeddings of two versions: a swapped learner starts from nothing, the old verdict stands until then', async () => {
    await take(1, { faces: { 1: 100 } });
    await take(2, { faces: { 1: 100 } });
    await reconcile(v1);
    await take(3, { faces: { 1: 100 } });
    expect(events.map(({ versionId }) => versionId)).toEqual(['v0']);
    await take(4, { faces: { 1: 100 } });
    expect(events.map(({ versionId, identityId }) => [versionId, identityId])).toEqual([
      ['v0', 'ann'],
      ['v1', 'ann'],
    ]);
  });

  it('says on a preview what it knows of each track', async () => {
    for (const i of [1, 2]) await take(i, { faces: { 1: 100, 2: 20 } });
    await take(3, { faces: { 3: 100 } });
    const box = { x: 0, y: 0, width: 1, height: 1 };
    const tracks = [1, 2, 3, 99].map((trackId) => ({ trackId, box }));
    const faces = recogniser.faces('camera', tracks, (id) => id.toUpperCase());
    expect(faces.map(({ state, name }) => [state, name])).toEqual([
      ['recognised', 'ANN'],
      ['unknown', null],
      ['undecided', null],
      ['undecided', null],
    ]);
  });

  it('ends the tracks of a session that gave way to another, and gives the new ones their own events', async () => {
    for (const i of [1, 2]) await take(i, { faces: { 1: 100 } });
    for (const i of [1, 2]) await take(i, { faces: { 1: 100 }, session: 's2' });
    expect(said()).toEqual(['1 ann', '1 ann ended', '1 ann']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it('ends the tracks of a camera that fell silent, and of one whose source has ended', async () => {
    for (const i of [1, 2]) await take(i, { faces: { 1: 100 } });
    await recogniser.sweep(Date.now() + 10_000);
    expect(said()).toEqual(['1 ann']);
    await recogniser.sweep(Date.now() + 40_000);
    expect(said()).toEqual(['1 ann', '1 ann ended']);
    await take(3, { faces: { 2: 200 } });
    const last = take(4, { faces: { 2: 200 } });
    await recogniser.endSource('camera');
    await last;
    expect(said().slice(2)).toEqual(['2 bob']);
    await recogniser.sweep();
    expect(said().slice(2)).toEqual(['2 bob', '2 bob ended']);
  });

  it('ends what was unseen longest when a camera never ends its tracks', async () => {
    const face = (id: number) => ({ faces: { [id]: 100 } });
    for (let id = 0; id < 513; id++) for (const half of [0, 1]) await take(2 * id + half, face(id));
    expect(said().filter((text) => text.endsWith('ended'))).toEqual(['0 ann ended']);
    expect(
      recogniser.faces('camera', [{ trackId: 0, box: { x: 0, y: 0, width: 1, height: 1 } }], String)[0]!.state,
    ).toBe('undecided');
  });

  it('complains of crops that do not fit the model, and recognises the other cameras', async () => {
    const misfit = take(1, { faces: { 1: 100 }, size: 16, camera: 'other' });
    await Promise.all([misfit, take(1, { faces: { 1: 100 } })]);
    expect(complaints).toEqual([expect.stringContaining('16 pixels'), null]);
    expect(models.extractions).toEqual([1]);
    // Nothing piles up of what nobody can recognise.
    await take(2, { faces: { 1: 100 }, size: 16, camera: 'other' });
    await take(3, { ended: [1], size: 16, camera: 'other' });
    expect(events.filter(({ cameraId }) => cameraId === 'other')).toEqual([]);
  });
});
