import type { OutboxItem, RecognitionEvent } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { eventOf } from '../testing/fixtures.ts';
import { EventWriter, type EventWriterOptions, eventIdOf } from './event-writer.ts';
import type { TrackState } from './track-book.ts';

const origin = { cameraId: 'camera', scenarioId: 'scenario', sessionId: 's1' };

function track(change: Partial<TrackState> = {}): TrackState {
  const decision = { kind: 'recognised' as const, identityId: 'ann', distance: 0.2, runnerUp: null };
  return {
    trackId: 1,
    firstSeen: 100,
    lastSeen: 200,
    lastFrame: 10,
    probes: 4,
    quality: 0.5,
    box: { x: 0, y: 0, width: 1, height: 1 },
    bestCrop: null,
    verdict: { decision, versionId: 'v0', threshold: 0.5 },
    evidence: [],
    learner: null,
    set: null,
    ...change,
  };
}

function build(open: RecognitionEvent[] = [], options: Partial<EventWriterOptions> = {}) {
  const items: OutboxItem[] = [];
  const journal = new Map(open.map((event) => [event.id, event]));
  const writer = new EventWriter({
    add: async (item) => void items.push(item),
    journal: {
      open: async (event) => void journal.set(event.id, event),
      close: async (id) => void journal.delete(id),
      load: async () => [...journal.values()],
    },
    encodeJpeg: async () => Uint8Array.of(1),
    ...options,
  });
  const events = () => items.map((item) => item.payload as RecognitionEvent);
  return { writer, items, events, journal };
}

describe('EventWriter', () => {
  it('says the same thing once', async () => {
    const { writer, items } = build();
    for (let i = 0; i < 5; i++) await writer.report(origin, track({ lastFrame: 10 + i }));
    expect(items).toHaveLength(1);
  });

  it('tells decisions and ends alone while much waits already', async () => {
    const decided = (identityId: string) => {
      const decision = { kind: 'recognised' as const, identityId, distance: 0.2, runnerUp: null };
      return { decision, versionId: 'v0', threshold: 0.5 };
    };
    for (const [crowded, sequences] of [
      [false, [20, 22, 24, 27]],
      [true, [20, 24, 27]],
    ] as const) {
      const { writer, events } = build([], { refresh: 0, crowded: () => crowded });
      await writer.report(origin, track({ lastFrame: 10 }));
      await writer.report(origin, track({ lastFrame: 11 }));
      await writer.report(origin, track({ lastFrame: 12, verdict: decided('ben') }));
      await writer.report(origin, track({ lastFrame: 13, verdict: decided('ben') }), true);
      expect(events().map(({ sequence }) => sequence)).toEqual(sequences);
    }
  });

  it('gives every message of an event its own item id, and the same ones after a restart', async () => {
    const first = build();
    await first.writer.report(origin, track());
    await first.writer.report(origin, track({ lastFrame: 20 }), true);
    const second = build();
    await second.writer.report(origin, track());
    expect(new Set(first.items.map(({ id }) => id)).size).toBe(2);
    expect(second.items[0]!.id).toBe(first.items[0]!.id);
    expect(first.events().map(({ id }) => id)).toEqual([eventIdOf(origin, 1), eventIdOf(origin, 1)]);
    expect(eventIdOf(origin, 1)).not.toBe(eventIdOf({ ...origin, sessionId: 's2' }, 1));
  });

  it('goes on with an event that a killed predecessor left open: what it knew is kept, the sequence rises', async () => {
    const id = eventIdOf(origin, 1);
    const left = eventOf(id, { sequence: 40, firstSeen: 50, probes: 9, decision: 'unknown' });
    const { writer, events, journal } = build([left]);
    await writer.recover();
    await writer.report(origin, track({ lastFrame: 12 }));
    expect(events()).toEqual([
      expect.objectContaining({ id, sequence: 41, firstSeen: 50, probes: 9, decision: 'recognised', ended: false }),
    ]);
    await writer.report(origin, track({ lastFrame: 30 }), true);
    expect(events().at(-1)).toMatchObject({ sequence: 61, ended: true });
    expect(journal.size).toBe(0);
  });

  it('ends an event whose track is over before anything new was decided, and one that nobody follows any more', async () => {
    const known = eventOf(eventIdOf(origin, 1), { sequence: 7 });
    const orphan = eventOf('orphan', { sequence: 3 });
    const { writer, events, journal } = build([known, orphan]);
    await writer.recover();
    await writer.report(origin, track({ verdict: null, lastFrame: 2 }), true);
    await writer.closeStale(Date.now() + 1000, () => false);
    expect(events().map(({ id, sequence, ended }) => [id, sequence, ended])).toEqual([
      [known.id, 8, true],
      ['orphan', 4, true],
    ]);
    expect(journal.size).toBe(0);
  });

  it('leaves alone what is still followed', async () => {
    const { writer, items } = build([eventOf('followed')]);
    await writer.recover();
    await writer.closeStale(Date.now() + 1000, () => true);
    expect(items).toEqual([]);
  });
});
