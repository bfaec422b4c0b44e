import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FrameSource, SafaceError } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CopiedFaces } from './copied-faces.ts';
import { FeatureFile } from './feature-file.ts';
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

/** Somebody who walks through it. */
const walker: FrameSource = {
  name: 'yard',
  async *frames() {
    for (let index = 0; index < 45; index++) {
      const data = new Uint8Array(160 * 120 * 3).fill(90);
      const left = 4 * (index - 12);
      for (let y = 40; index >= 12 && y < 100; y++) data.fill(220, (y * 160 + left) * 3, (y * 160 + left + 24) * 3);
      yield { width: 160, height: 120, data, index, time: index * 100 };
    }
  },
};

async function* take(count: number, { frames }: FrameSource) {
  for await (const frame of frames(new AbortController().signal)) if (frame.index < count) yield frame;
}

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

  it('keeps altered copies of who was seen, where they are asked for', async () => {
    const options = { spec: bodies, extractor, signal: new AbortController().signal, keptIn: dir };
    for (const toLearn of [true, false]) {
      const { probes, copies, dispose } = await observe(walker, { ...options, toLearn });
      expect(probes.length).toBeGreaterThan(10);
      expect(copies?.rows.every((row) => row < probes.length) ?? null).toBe(toLearn ? true : null);
      if (copies) expect(await copies.banks[2].read([copies.rows.length - 1])).toHaveLength(1);
      await dispose();
    }
  });

  describe('lets go of what it kept', () => {
    const full = new SafaceError('exhausted', 'full', 'Make room.');
    const options = { spec: bodies, signal: new AbortController().signal };
    afterEach(() => vi.restoreAllMocks());

    it('when the last faces cannot be kept', async () => {
      const disposed = vi.spyOn(FeatureFile.prototype, 'dispose');
      const failing = { ...extractor, extract: () => Promise.reject(full) };
      // Fewer than are looked at together.
      const source = { ...walker, frames: () => take(24, walker) };
      await expect(observe(source, { ...options, extractor: failing, keptIn: dir })).rejects.toBe(full);
      expect(disposed).toHaveBeenCalledTimes(1);
    });

    it('when there is no room for copies', async () => {
      const disposed = vi.spyOn(FeatureFile.prototype, 'dispose');
      vi.spyOn(CopiedFaces, 'create').mockRejectedValue(full);
      const watching = observe(walker, { ...options, extractor, toLearn: true, keptIn: dir });
      await expect(watching).rejects.toBe(full);
      expect(disposed).toHaveBeenCalledTimes(1);
    });
  });
});
