import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHalf } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { silent, testVault, tooManyFiles } from '../testing/fixtures.ts';
import { type TwoPeople, twoPeople } from '../testing/two-people.ts';
import { ErasedPeople } from './erased-people.ts';
import { ScenarioTracks, type TracksSnapshot } from './scenario-tracks.ts';
import { TrackFiles } from './track-files.ts';

describe('ScenarioTracks', () => {
  let dir: string;
  let vault = testVault();
  let tracks: ScenarioTracks;

  let erased: ErasedPeople;

  const build = (maxProbes = 1000, key = vault) =>
    new ScenarioTracks({
      files: new TrackFiles(dir, key),
      limits: { maxProbes, minQuality: 0.3 },
      erased,
      log: silent,
    });

  beforeEach(async () => {
    vault = testVault();
    const home = await mkdtemp(join(tmpdir(), 'saface-tracks-'));
    dir = join(home, 'scenario');
    erased = new ErasedPeople(home, vault, silent);
    tracks = build();
  });

  function watch(into: ScenarioTracks, from: number, to: number, of: TwoPeople & { base?: string } = {}): void {
    for (const seen of twoPeople(from, to, of)) into.observe(seen, of.base ?? 'base');
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
    const snapshot = tracks.snapshot()!;
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
    const again = next.snapshot()!;
    expect(contents(again)).toEqual(contents(tracks.snapshot()!));
    expect(again.identityIds).toEqual(['ann']);
  });

  it('stores at the end of a stream what has not been stored', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 20, 32, { ids: [3, 4] });
    await tracks.flush();
    const stored = await readdir(dir);
    const times = await writtenAt(dir, stored);
    tracks.endStream('camera/s1');
    await tracks.flush();
    expect(await readdir(dir)).toHaveLength(4);
    expect(await writtenAt(dir, stored)).toEqual(times);
  });

  it('stores at the end of a stream what a full disk did not take when the track ended', async () => {
    watch(tracks, 0, 12);
    const write = vault.writeFile.bind(vault);
    vault.writeFile = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    vault.writeFile = write;
    tracks.endStream('camera/s1');
    await tracks.flush();
    expect(await readdir(dir)).toHaveLength(2);
  });

  it('lets go of files that it cannot read, and of tracks the store evicts', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    const stranger = build(1000, testVault());
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
    expect(tracks.snapshot()!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/2']);
  });

  it('starts over with another base model: its features mean something else', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 12, 24, { ids: [5, 6], base: 'another base' });
    await tracks.flush();
    expect(tracks.snapshot()!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/5', 'camera/s1/6']);
    await expect(readdir(dir)).rejects.toThrow();
  });

  it('shrinks when the policy does, without a restart', () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    watch(tracks, 20, 32, { ids: [3, 4] });
    tracks.limit({ maxProbes: 30, minQuality: 0.3 });
    expect(tracks.snapshot()!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/3', 'camera/s1/4']);
  });

  it('counts what a run would learn from: probes that are good enough', () => {
    watch(tracks, 0, 20, { quality: 0.2 });
    expect(tracks.cache().cachedProbes).toBe(40);
    expect(tracks.counts().triplets).toBe(0);
    expect(tracks.newTriplets(0)).toBe(0);
    tracks.limit({ maxProbes: 1000, minQuality: 0.1 });
    expect(tracks.counts().triplets).toBe(40);
  });

  it('forgets a person whose tracks are still being read', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    const next = build();
    const restored = next.restore();
    await erased.add('ann');
    expect(await next.forget('ann')).toBeLessThanOrEqual(1);
    await restored;
    expect(next.snapshot()!.set.tracks.map(({ key }) => key)).toEqual(['camera/s1/2']);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('keeps nothing of an erased person whom the old gallery goes on naming', async () => {
    watch(tracks, 0, 12);
    await erased.add('ann');
    await tracks.forget('ann');
    watch(tracks, 12, 40);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    expect([...tracks.keys()]).toEqual(['camera/s1/2']);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('leaves a file alone that the disk does not give now, and forgets it later if it has to', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    const read = vault.readFile.bind(vault);
    vault.readFile = () => Promise.reject(tooManyFiles());
    const unlucky = build();
    await unlucky.restore();
    expect(await readdir(dir)).toHaveLength(2);
    await erased.add('ann');
    expect(await unlucky.forget('ann')).toBe(0);
    vault.readFile = read;
    erased = new ErasedPeople(join(dir, '..'), vault, silent);
    const next = build();
    await next.restore();
    expect([...next.keys()]).toEqual(['camera/s1/2']);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('does not take up again what was let go while it was being read', async () => {
    watch(tracks, 0, 12);
    tracks.endTracks('camera/s1', [1, 2]);
    await tracks.flush();
    const next = build();
    const restoring = next.restore();
    await new Promise((resolve) => setImmediate(resolve));
    next.clear();
    await restoring;
    await next.flush();
    expect(next.keys().size).toBe(0);
    const later = build();
    await later.restore();
    expect(later.keys().size).toBe(0);
  });

  it('lets go of what is old, on disk as well, and of what came long ago where a camera’s clock was never set', async () => {
    const day = 24 * 3_600_000;
    const seen = (time: number, ids: [number, number]) => {
      for (const frame of twoPeople(0, 12, { ids }))
        tracks.observe({ ...frame, message: { ...frame.message, time: time + frame.message.time } }, 'base');
      tracks.endTracks('camera/s1', ids);
    };
    const now = Date.now();
    seen(0, [1, 2]);
    seen(now - 31 * day, [3, 4]);
    seen(now - 29 * day, [5, 6]);
    await tracks.flush();
    expect(await readdir(dir)).toHaveLength(6);
    tracks.forgetOld(new Date(now));
    await tracks.flush();
    expect([...tracks.keys()].sort()).toEqual([1, 2, 5, 6].map((id) => `camera/s1/${id}`));
    expect(await readdir(dir)).toHaveLength(4);
    tracks.forgetOld(new Date(now + 31 * day));
    expect([...tracks.keys()]).toEqual([]);
  });

  it('takes nothing for newer than its own clock', () => {
    watch(tracks, 0, 12, { ahead: Date.now() + 3_600_000 });
    expect(tracks.snapshot()!.to).toBeLessThanOrEqual(Date.now());
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

/** When files were written, to the nanosecond. */
function writtenAt(dir: string, files: readonly string[]): Promise<bigint[]> {
  return Promise.all(files.map(async (file) => (await stat(join(dir, file), { bigint: true })).mtimeNs));
}
