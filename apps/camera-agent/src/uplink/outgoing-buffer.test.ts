import { decodeMessage, encodeMessage, MAX_TRACKS } from '@saface/core';
import { expect, it } from 'vitest';
import { OutgoingBuffer, type OutgoingFrame } from './outgoing-buffer.ts';

const frame = (
  sequence: number,
  options: { session?: string; crops?: number; ended?: number[] } = {},
): OutgoingFrame => {
  const { session = 's', crops = 1, ended = [] } = options;
  return {
    kind: 'frame',
    header: {
      type: 'frame',
      sequence,
      sessionId: session,
      frameIndex: sequence,
      time: sequence,
      width: 10,
      height: 10,
      cropSize: 10,
      probes: Array.from({ length: crops }, (_, trackId) => ({
        trackId,
        box: { x: 0, y: 0, width: 1, height: 1 },
        landmarks: [],
        score: 1,
        quality: 1,
      })),
      endedTracks: ended,
      counters: { framesRead: 2, framesDropped: 1, facesFound: crops + 1, facesSent: crops },
    },
    blobs: Array.from({ length: crops }, () => new Uint8Array(10_000)),
  };
};
const everything = (buffer: OutgoingBuffer) => {
  const items = [];
  for (let item = buffer.shift(); item; item = buffer.shift()) items.push(item);
  return items;
};

it('drops the oldest frames and stays within its bytes', () => {
  const buffer = new OutgoingBuffer(50_000);
  for (let i = 0; i < 10; i++) {
    buffer.push(frame(i));
    expect(buffer.bytes).toBeLessThanOrEqual(50_000);
  }
  expect(buffer.frames).toBe(4);
  expect(buffer.dropped).toBe(6);
  expect(everything(buffer).map((item) => (item.kind === 'frame' ? item.header.sequence : -1))).toEqual([6, 7, 8, 9]);
  expect(buffer.bytes).toBe(0);
});

it('keeps a message small enough to be sent, however long the edge is away', () => {
  const buffer = new OutgoingBuffer(25_000);
  for (let i = 0; i < 2000; i++) buffer.push(frame(i, { ended: [2 * i, 2 * i + 1] }));
  const [first] = everything(buffer);
  if (first?.kind !== 'frame') throw new Error('a frame is left');
  expect(first.header.endedTracks).toHaveLength(MAX_TRACKS);
  expect(first.header.endedTracks.at(-1)).toBe(2 * first.header.sequence + 1);
  expect(decodeMessage(encodeMessage(first.header, first.blobs)).header).toMatchObject({ type: 'frame' });
});

it('hands counters and ended tracks of dropped frames on, so that sums stay true', () => {
  const buffer = new OutgoingBuffer(25_000);
  for (let i = 0; i < 4; i++) buffer.push(frame(i, { ended: [i] }));
  const [first, second] = everything(buffer);
  if (first?.kind !== 'frame' || second?.kind !== 'frame') throw new Error('two frames are left');
  expect(first.header.endedTracks).toEqual([0, 1, 2]);
  // Three messages' worth of reading; two frames more were dropped, and their two faces were never sent.
  expect(first.header.counters).toEqual({ framesRead: 6, framesDropped: 5, facesFound: 6, facesSent: 1 });
  expect(second.header.counters.framesRead).toBe(2);
});

it('never mixes tracks of two sessions and never drops a state', () => {
  const buffer = new OutgoingBuffer(12_000);
  buffer.push(frame(0, { session: 'a', ended: [5] }));
  buffer.push({ kind: 'state', header: { type: 'source-state', state: 'ended', error: null } });
  buffer.push(frame(0, { session: 'b' }));
  const left = everything(buffer);
  expect(left.map((item) => item.kind)).toEqual(['state', 'frame']);
  expect(left[1]?.kind === 'frame' && left[1].header.endedTracks).toEqual([]);
});

it('keeps a single message even when it is larger than the buffer', () => {
  const buffer = new OutgoingBuffer(1000);
  buffer.push(frame(0, { crops: 3 }));
  expect(buffer.frames).toBe(1);
});
