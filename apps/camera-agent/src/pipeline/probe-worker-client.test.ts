import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDefaultModels } from '@saface/engine/models/build-default-models';
import { expect, it } from 'vitest';
import { movingSquare, withFolder } from '../testing/videos.ts';
import { startProbeWorker } from './probe-worker-client.ts';

const alignment = {
  size: 112,
  template: [
    { x: 38, y: 51 },
    { x: 73, y: 51 },
    { x: 56, y: 71 },
    { x: 41, y: 92 },
    { x: 70, y: 92 },
  ],
};
const settings = { minFaceSize: 12, detectorThreshold: 0.5, alignment, tracker: {}, threads: 1 };

it('runs the real models in a thread and ends when told to', () =>
  withFolder(async (folder) => {
    const models = await ensureDefaultModels(folder);
    const paths = { detector: models.detector.path, landmarks: models.landmarks.path };
    const finder = await startProbeWorker({ ...settings, ...paths });
    const frame = { ...movingSquare(0), index: 0, time: 0 };
    const [first] = await Promise.all([finder.find(frame), finder.find({ ...frame, index: 1 })]);
    expect(first).toEqual({ probes: [], endedTracks: [] });
    // The frame is copied, not taken away: a preview of it may still be wanted.
    expect(frame.data.length).toBe(64 * 48 * 3);
    await expect(finder.find({ ...frame, index: 1 })).rejects.toThrow(/Frame 1 came after frame 1/);
    finder.reset();
    expect(await finder.find(frame)).toEqual({ probes: [], endedTracks: [] });
    await finder.dispose();
    await expect(finder.find(frame)).rejects.toThrow(/detection thread ended/);
  }));

it('names a model that is none', () =>
  withFolder(async (folder) => {
    const detector = join(folder, 'detector.onnx');
    await writeFile(detector, 'a letter');
    await expect(startProbeWorker({ ...settings, detector, landmarks: detector })).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining('not an ONNX model'),
    });
  }));
