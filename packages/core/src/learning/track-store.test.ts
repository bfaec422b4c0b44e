import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrackStore } from './track-store.ts';

const box = { x: 0, y: 0, width: 40, height: 40 };
const frame = (index: number, ids: number[]) => ({
  stream: 's',
  frame: index,
  time: index * 40,
  probes: ids.map((trackId) => ({ trackId, quality: 1, box, ref: `${index}:${trackId}` })),
});

describe('TrackStore', () => {
  it('keeps long tracks and hands back short ones when they end', () => {
    const store = new TrackStore<string>({ maxProbes: 1000 });
    for (let i = 0; i < 12; i++) store.addFrame(frame(i, i < 4 ? [1, 2] : [1]));
    expect(store.endTracks('s', [2])).toEqual(['0:2', '1:2', '2:2', '3:2']);
    expect(store.endTracks('s', [1, 99])).toEqual([]);
    const { set, refs, from, to } = store.snapshot();
    expect(set.tracks.map((t) => t.key)).toEqual(['s/1']);
    expect(set.probes.map((p) => refs[p.row])).toEqual(Array.from({ length: 12 }, (_, i) => `${i}:1`));
    expect([from, to]).toEqual([0, 440]);
    expect(store.remove('s/1')).toHaveLength(12);
    expect(store.probeCount).toBe(0);
    expect(store.snapshot().set.tracks).toEqual([]);
  });

  it('thins long tracks so that tracks still meet in the same frames, and remembers who met', () => {
    const store = new TrackStore<string>({ maxProbes: 10_000, maxProbesPerTrack: 50 });
    for (let i = 0; i < 400; i++) store.addFrame(frame(i, i < 300 ? [1] : [1, 2]));
    const { set } = store.snapshot();
    const [one, two] = set.tracks;
    expect(one!.probes.length).toBeLessThanOrEqual(50);
    const moments = (t: typeof one) => new Set(t!.probes.map((p) => set.probes[p]!.moment));
    const shared = [...moments(one)].filter((m) => moments(two).has(m));
    expect(shared.length).toBeGreaterThan(5);
    expect(one!.strangers).toEqual([1]);
    expect(two!.strangers).toEqual([0]);
  });

  it('thins alike whatever every how many-th frame a camera passes on', () => {
    for (const [step, first] of [1, 2, 6, 8, 16, 30].flatMap((each) =>
      [0, 1, 3].map((start) => [each, start] as const),
    )) {
      const store = new TrackStore<string>({ maxProbes: 10_000, maxProbesPerTrack: 50 });
      for (let i = 0; i < 1000; i++) store.addFrame(frame(first + i * step, [1]));
      expect(store.probeCount).toBeGreaterThan(12);
      expect(store.probeCount).toBeLessThanOrEqual(50);
    }
  });

  it('lets the oldest ended track go first when it is full', () => {
    const store = new TrackStore<string>({ maxProbes: 25 });
    for (let i = 0; i < 10; i++) store.addFrame(frame(i, [1]));
    store.endTracks('s', [1]);
    const released: string[] = [];
    for (let i = 10; i < 26; i++) released.push(...store.addFrame(frame(i, [2])));
    expect(released).toEqual(Array.from({ length: 10 }, (_, i) => `${i}:1`));
    expect(store.snapshot().set.tracks.map((t) => t.key)).toEqual(['s/2']);
  });

  it('never holds more than its bound and never loses or repeats a reference', () => {
    const script = fc.array(
      fc.record({
        ids: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        end: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(
        script,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 2, max: 20 }),
        (steps, maxProbes, perTrack) => {
          const store = new TrackStore<string>({ maxProbes, maxProbesPerTrack: perTrack, minLength: 3 });
          const given: string[] = [];
          const released: string[] = [];
          steps.forEach(({ ids, end }, i) => {
            given.push(...ids.map((id) => `${i}:${id}`));
            released.push(...store.addFrame(frame(i, ids)), ...store.endTracks('s', end));
            expect(store.probeCount).toBeLessThanOrEqual(maxProbes);
          });
          const held = given.filter((ref) => !released.includes(ref));
          expect(new Set(released).size).toBe(released.length);
          expect(held.length).toBe(store.probeCount);
          const { set, refs } = store.snapshot();
          expect(set.probes.every((p) => held.includes(refs[p.row]!))).toBe(true);
          for (let id = 0; id < 5; id++) released.push(...store.remove(`s/${id}`));
          expect(released.sort()).toEqual(given.sort());
        },
      ),
    );
  });
});
