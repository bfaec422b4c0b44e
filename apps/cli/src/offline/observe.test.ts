import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FrameSource, SafaceError } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observe } from './observe.ts';
import { bodies, extractor } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-observe-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** An empty yard. */
const yard = (count: number, failure: SafaceError | null = null): FrameSource => ({
  name: 'yard',
  async *frames() {
    for (let index = 0; index < count; index++)
      yield { width: 64, height: 48, data: new Uint8Array(64 * 48 * 3).fill(90), index, time: index * 100 };
    if (failure) throw failure;
  },
});

describe('observe', () => {
  const watch = async (source: FrameSource, onFrame?: (frames: number) => void) => {
    const options = { spec: bodies, extractor, signal: new AbortController().signal, keptIn: dir, onFrame };
    const { dispose, ...seen } = await observe(source, options);
    await dispose();
    return seen;
  };

  it('counts the frames, whether or not anybody listens, and says that nobody was there', async () => {
    const counted: number[] = [];
    for (const onFrame of [undefined, (frames: number) => counted.push(frames)]) {
      const { frames, probes, problem } = await watch(yard(3), onFrame);
      expect({ frames, probes }).toEqual({ frames: 3, probes: [] });
      expect(problem?.message).toBe('Nobody was found in the 3 frames of "yard"');
    }
    expect(counted).toEqual([1, 2, 3]);
  });

  it('keeps what was seen of a video that is cut off, and refuses one of which nothing was', async () => {
    const cutOff = new SafaceError('invalid-input', 'cut off', 'Copy it again.');
    expect(await watch(yard(2, cutOff))).toMatchObject({ frames: 2, problem: cutOff });
    await expect(watch(yard(0, cutOff))).rejects.toBe(cutOff);
  });
});
