import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHalf } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import { frame, probe } from '../testing/fake-camera.ts';
import { plainCrop, scenarioConfig, silent, testVault } from '../testing/fixtures.ts';
import { ScenarioTracks, type TracksSnapshot } from './scenario-tracks.ts';
import { TrackFiles } from './track-files.ts';

describe('ScenarioTracks', () => {
  let dir: string;
  let vault = testVault();
  let tracks: ScenarioTracks;

  const build = (maxProbes = 1000) => new ScenarioTracks({ files: new TrackFiles(dir, vault), maxProbes, log: silent });

  beforeEach(async () => {
    vault = testVault();
    dir = join(await mkdtemp(join(tmpdir(), 'saface-tracks-')), 'scenario');
    tracks = build();
  });

  /** Two people beside each other in frames `from..to`, the first recognised as Ann. */
  function watch(into: ScenarioTracks, from: number, to: number, { ids = [1, 2], base = 'base' } = {}): void {
    for (let i = from; i < to; i++) {
      const message = { ...frame({ frameIndex: i, time: i * 100 }), probes: ids.map((id) => probe(id)), blobs: [] };
      const verdict = { decision: { kind: 'recognised', identityId: 'ann', distance: 0.1, runnerUp: null } };
      const seen = {
        cameraId: 'camera',
        scenario: scenarioConfig(),
        message,
        crops: ids.map((id) => ({ width: 8, height: 8, data: plainCrop(id) })),
        skew: 0,
        base: { extractor: { featureShape: [3] } },
        features: Float32Array.from(ids.flatMap((id) => [id, i, 0.5])),
        tracks: [{ verdict }, { verdict: null }],
      } as unknown as RecognisedFrame;
      into.observe(seen, base);
    }
  }

  it('counts the triplets of kept tracks, and those that are newer than a moment', () => {
    watch(tracks, 0, 20);
    expect(tracks.counts()).toEqual({ tracks: 2, triplets: 40 });
    const { cachedProbes, cachedBytes } = tracks.cache();
    expect(cachedProbes).toBe(40);
    // Two bytes a feature, and a picture of 8 x 8 pixels.
    expect(cachedBytes).toBe(40 * (2 * 3 + 8 * 8 * 3));
    expect(tracks.newTriplets(1449)).toBe(10);
  });

  it('hands out a snapshot whose rows are the features, with who took part', () => {
    watch(tracks, 0, 12);
    const snapshot = tracks.snapshot(0)!;
    expect(snapshot).toMatchObject({ base: 'base', from: 0, to: 1100, identityIds: ['ann'] });
    for (const { row, track, frame: index } of snapshot.set.probes) {
      expect([...fromHalf(snapshot.probes[row]!.features)]).toEqual([track + 1, index, 0.5]);
    }
  });

  it('keeps ended tracks on disk, sealed, and takes them up again after a restart', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 20, 25, { ids: [3, 4] });
    tracks.endTracks('camera/s1', [3, 4]);
    await tracks.flush();
    expect(await readdir(dir)).toHaveLength(2);
    const next = build();
    await next.restore();
    expect(next.counts()).toEqual({ tracks: 2, triplets: 24 });
    const again = next.snapshot(0)!;
    expect(contents(again)).toEqual(contents(tracks.snapshot(0)!));
    expect(again.identityIds).toEqual(['ann']);
  });

  it('lets go of files that it cannot read, and of tracks the store evicts', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    const stranger = new ScenarioTracks({ files: new TrackFiles(dir, testVault()), maxProbes: 1000, log: silent });
    await stranger.restore();
    expect(stranger.counts().tracks).toBe(0);
    expect(await readdir(dir)).toEqual([]);

    const small = build(30);
    watch(small, 0, 12);
    small.endTracks('camera/s1', [1, 2]);
    watch(small, 20, 32, { ids: [3, 4] });
    small.endTracks('camera/s1', [3, 4]);
    await small.flush();
    expect(small.counts().tracks).toBe(2);
    expect(await readdir(dir)).toHaveLength(2);
  });

  it('forgets a person everywhere, and nobody else', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    expect(await tracks.forget('ann')).toBe(1);
    expect(await tracks.forget('ann')).toBe(0);
    expect(await readdir(dir)).toHaveLength(1);
    expect(tracks.snapshot(0)!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/2']);
  });

  it('starts over with another base model: its features mean something else', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 12, 24, { ids: [5, 6], base: 'another base' });
    await tracks.flush();
    expect(tracks.snapshot(0)!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/5', 'camera/s1/6']);
    await expect(readdir(dir)).rejects.toThrow();
  });

  it('shrinks when the policy does, without a restart', () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 20, 32, { ids: [3, 4] });
    tracks.resize(30);
    expect(tracks.snapshot(0)!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/3', 'camera/s1/4']);
  });
});

/** A snapshot in an order of its own, as that of its rows means nothing. */
function contents({ set, probes }: TracksSnapshot) {
  return set.tracks.map(({ key, strangers, probes: members }) => ({
    key,
    strangers,
    probes: members.map((p) => {
      const { row, ...probe } = set.probes[p]!;
      return { ...probe, features: probes[row]!.features, picture: probes[row]!.picture };
    }),
  }));
}
