import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../geometry.ts';
import { Tracker } from './tracker.ts';

const box = (x: number, y = 0, size = 10): Box => ({ x, y, width: size, height: size });

/** Ten frames a second. */
const at = (index: number) => ({ index, time: index * 100 });

const anyBox = fc.record({
  x: fc.integer({ min: 0, max: 60 }),
  y: fc.integer({ min: 0, max: 60 }),
  width: fc.integer({ min: 5, max: 30 }),
  height: fc.integer({ min: 5, max: 30 }),
});
const anyVideo = fc.array(fc.array(anyBox, { maxLength: 6 }), { minLength: 1, maxLength: 12 });
const anyOptions = fc.record({
  patience: fc.integer({ min: 0, max: 300 }),
  motion: fc.constantFrom('none' as const, 'constant-velocity' as const),
});

describe('Tracker', () => {
  it('continues a track with the box of largest overlap and starts one for the rest', () => {
    const tracker = new Tracker();
    expect(tracker.update(at(0), [box(0)])).toEqual({ trackIds: [0], ended: [] });
    expect(tracker.update(at(1), [box(4), box(1)])).toEqual({ trackIds: [1, 0], ended: [] });
  });

  it('without patience ends a track as soon as no box overlaps it, as in the paper', () => {
    const tracker = new Tracker({ patience: 0 });
    tracker.update(at(0), [box(0), box(100)]);
    expect(tracker.update(at(1), [box(101)])).toEqual({ trackIds: [1], ended: [0] });
    expect(tracker.update(at(2), [])).toEqual({ trackIds: [], ended: [1] });
  });

  it('gives a box wanted by two tracks to the one that overlaps it more', () => {
    const tracker = new Tracker({ patience: 0 });
    tracker.update(at(0), [box(0), box(6)]);
    expect(tracker.update(at(1), [box(4)])).toEqual({ trackIds: [1], ended: [0] });
  });

  it('waits as long as it was told for a face that is missed, and looks where it went on to', () => {
    const tracker = new Tracker({ patience: 200 });
    tracker.update(at(0), [box(0)]);
    tracker.update(at(1), [box(5)]);
    expect(tracker.update(at(2), []).ended).toEqual([]);
    expect(tracker.update(at(3), [box(15)]).trackIds).toEqual([0]);
    expect(tracker.update(at(5), []).ended).toEqual([]);
    expect(tracker.update(at(6), []).ended).toEqual([0]);
  });

  it.each([
    ['stands still', 0],
    ['is no number', Number.NaN],
    ['runs back', -100],
  ])('waits for nobody when the clock %s', (_, step) => {
    const tracker = new Tracker();
    tracker.update({ index: 0, time: 1000 }, [box(0)]);
    expect(tracker.update({ index: 1, time: 1000 + step }, [])).toEqual({ trackIds: [], ended: [0] });
  });

  it('follows a face that leaves its own box between samples when it predicts motion', () => {
    const walk = [0, 5, 12, 20, 28, 36];
    const ids = (motion: 'none' | 'constant-velocity') => {
      const tracker = new Tracker({ motion });
      return new Set(walk.map((x, frame) => tracker.update(at(frame), [box(x)]).trackIds[0]));
    };
    expect(ids('constant-velocity').size).toBe(1);
    expect(ids('none').size).toBeGreaterThan(1);
  });

  it('ends everything when the source jumps or starts over', () => {
    const tracker = new Tracker({ maxFrameGap: 5 });
    tracker.update(at(0), [box(0)]);
    expect(tracker.update(at(6), [box(0)])).toEqual({ trackIds: [1], ended: [0] });
    expect(tracker.reset()).toEqual([1]);
    expect(tracker.update(at(0), [box(0)]).trackIds).toEqual([2]);
  });

  it('refuses frames out of order and thresholds outside 0..1', () => {
    const tracker = new Tracker();
    tracker.update(at(3), []);
    expect(() => tracker.update(at(3), [])).toThrow(/came after frame 3/);
    expect(() => new Tracker({ overlapThreshold: Number.NaN })).toThrow(/outside 0..1/);
  });

  it('is one-to-one, never reuses an id and ends each track once', () => {
    fc.assert(
      fc.property(anyVideo, anyOptions, (video, options) => {
        const tracker = new Tracker(options);
        const dead = new Set<number>();
        let highest = -1;
        video.forEach((boxes, frame) => {
          const { trackIds, ended } = tracker.update(at(frame), boxes);
          expect(trackIds).toHaveLength(boxes.length);
          expect(new Set(trackIds).size).toBe(trackIds.length);
          for (const id of trackIds) expect(dead.has(id)).toBe(false);
          for (const id of ended) {
            expect(dead.has(id)).toBe(false);
            expect(trackIds).not.toContain(id);
            dead.add(id);
          }
          highest = Math.max(highest, ...trackIds);
        });
        const last = tracker.reset();
        expect(dead.size + last.length).toBe(highest + 1);
      }),
    );
  });

  it('does not care in which order the boxes come', () => {
    fc.assert(
      fc.property(anyVideo, fc.integer(), (video, salt) => {
        const straight = new Tracker();
        const shuffled = new Tracker();
        video.forEach((boxes, frame) => {
          // Equal boxes cannot be told apart, so neither can their ids.
          const unique = [...new Map(boxes.map((b) => [JSON.stringify(b), b])).values()];
          const order = unique.map((_, i) => i).sort((a, b) => ((a * 7919 + salt) % 13) - ((b * 7919 + salt) % 13));
          const a = straight.update(at(frame), unique).trackIds;
          const b = shuffled.update(
            at(frame),
            order.map((i) => unique[i]!),
          ).trackIds;
          expect(order.map((i) => a[i])).toEqual(b);
        });
      }),
    );
  });
});
