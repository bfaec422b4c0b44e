import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@saface/agent-kit';
import { type CameraConfig, SafaceError } from '@saface/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CameraAgent } from './camera-agent.ts';
import type { ProbeFinder } from './pipeline/probe-finder.ts';
import { FakeEdge } from './testing/fake-edge.ts';
import { squareFinder } from './testing/square-finder.ts';
import { withFolder, writeSquares } from './testing/videos.ts';

const artifact = { sha256: 'a'.repeat(64), bytes: 1 };
const key = 'ingest-key-of-a-test';
const never = new AbortController().signal;

let edge: FakeEdge;
let agent: CameraAgent;
let built: number;

const start = (createFinder: () => ProbeFinder = squareFinder) => {
  agent = new CameraAgent({
    artifacts: { fetch: async ({ sha256 }) => `/models/${sha256}`, keepOnly: async () => undefined },
    createFinder: async () => {
      built += 1;
      return createFinder();
    },
    sources: { simulatorDirectory: '/nowhere', networkTimeout: 1000 },
    threads: 1,
    logger: createLogger('test', 'silent'),
  });
};
const config = (path: string, changes: Partial<CameraConfig> = {}): CameraConfig => ({
  cameraId: 'camera-1',
  name: 'Door',
  source: { kind: 'file', path, loop: false },
  sampleRate: 25,
  unpaced: true,
  minFaceSize: 12,
  detectorThreshold: 0.5,
  alignment: { size: 4, template: Array.from({ length: 5 }, () => ({ x: 0, y: 0 })) },
  detectorArtifact: artifact,
  landmarksArtifact: artifact,
  edge: { url: edge.url, ingestKey: key },
  ...changes,
});
const hasEnded = (edge_: FakeEdge) =>
  edge_.until((all) => all.some(({ header }) => header.type === 'source-state' && header.state === 'ended'));

beforeEach(async () => {
  built = 0;
  edge = new FakeEdge(key);
  edge.window = 3;
  await edge.start();
});
afterEach(async () => {
  await agent.close();
  await edge.stop();
});

it('sends every face of a real video to the edge, in order and without a loss', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 35);
    start();
    await agent.apply(config(path), never);
    await hasEnded(edge);
    const frames = edge.frames();
    const withFaces = frames.filter(({ probes }) => probes.length > 0);
    expect(withFaces.map(({ frameIndex }) => frameIndex)).toEqual(Array.from({ length: 35 }, (_, i) => i));
    expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => i));
    expect(new Set(withFaces.map(({ probes }) => probes[0]!.trackId)).size).toBe(1);
    expect(frames.at(-1)).toMatchObject({ probes: [], endedTracks: [withFaces[0]!.probes[0]!.trackId] });
    const sum = (pick: (counters: (typeof frames)[number]['counters']) => number) =>
      frames.reduce((total, { counters }) => total + pick(counters), 0);
    expect(sum((c) => c.framesRead)).toBe(35);
    expect(sum((c) => c.framesDropped)).toBe(0);
    expect(sum((c) => c.facesFound)).toBe(35);
    expect(sum((c) => c.facesSent)).toBe(35);
    const crop = edge.received.find(({ header }) => header.type === 'frame')!.blobs[0]!;
    expect([...crop]).toEqual(Array(48).fill(200));
    // `ended` comes last: the edge may draw conclusions from it.
    expect(edge.received.at(-1)!.header).toMatchObject({ type: 'source-state', state: 'ended' });
    expect(agent.reported).toEqual({ state: 'ended', error: null });
  }));

it('samples at R_C and keeps the index of the source', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 26);
    start();
    await agent.apply(config(path, { sampleRate: 5 }), never);
    await hasEnded(edge);
    const seen = edge.frames().flatMap(({ probes, frameIndex }) => (probes.length > 0 ? [frameIndex] : []));
    expect(seen).toEqual([0, 5, 10, 15, 20, 25]);
  }));

it('starts a new session, with other track ids, each time a video loops', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 6);
    start();
    await agent.apply(config(path, { source: { kind: 'file', path, loop: true } }), never);
    await edge.until((all) => all.filter(({ header }) => header.type === 'frame').length >= 21);
    const frames = edge.frames().slice(0, 21); // 6 with the square and one that ends its track, three times
    expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBe(3);
    for (const pass of [0, 1, 2]) {
      const part = frames.slice(pass * 7, pass * 7 + 7);
      expect(part.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(part.map(({ endedTracks }) => endedTracks)).toEqual([[], [], [], [], [], [], [pass]]);
    }
    for (let i = 1; i < frames.length; i++) expect(frames[i]!.time).toBeGreaterThanOrEqual(frames[i - 1]!.time);
  }));

it('holds a file back while the edge takes nothing, and loses no frame of it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 60);
    edge.window = 0;
    const finder = squareFinder();
    start(() => finder);
    await agent.apply(config(path), never);
    while (agent.stats.link!.frames < 16) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(finder.seen).toHaveLength(16);
    edge.window = 3;
    edge.tell({ type: 'credit', frames: 3 });
    await hasEnded(edge);
    expect(finder.seen).toHaveLength(60);
    expect(edge.frames().filter(({ probes }) => probes.length > 0)).toHaveLength(60);
  }));

it('rebuilds only what a new configuration changes', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 6);
    const looping = config(path, { source: { kind: 'file', path, loop: true } });
    start();
    await agent.apply(looping, never);
    await edge.until((all) => all.length > 5);
    await agent.apply({ ...looping, name: 'Back door', sampleRate: 20 }, never);
    expect([built, edge.connections]).toEqual([1, 1]);
    await agent.apply({ ...looping, minFaceSize: 40 }, never);
    expect([built, edge.connections]).toEqual([2, 1]);
    expect(agent.reported.state).toBe('playing');
    await agent.apply({ ...looping, minFaceSize: 40, edge: null }, never);
    expect(agent.reported).toMatchObject({
      state: 'offline',
      error: expect.stringContaining('No edge takes the probes'),
    });
  }));

it('reports a bad source with its remedy and plays the next one', () =>
  withFolder(async (folder) => {
    const bad = join(folder, 'letter.mp4');
    await writeFile(bad, 'Dear camera');
    const good = join(folder, 'squares.mp4');
    await writeSquares(good, 5);
    start();
    await agent.apply(config(bad), never);
    await edge.until((all) =>
      all.some(({ header }) => header.type === 'source-state' && /is not a video/.test(header.error ?? '')),
    );
    expect(agent.reported).toMatchObject({ state: 'failed', error: expect.stringContaining('letter.mp4') });
    await agent.apply(config(good), never);
    await hasEnded(edge);
    expect(agent.reported).toEqual({ state: 'ended', error: null });
  }));

it('asks to be mended when detection dies, and goes on afterwards', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 8);
    const dying: ProbeFinder = {
      ...squareFinder(),
      find: async () => {
        throw new SafaceError('internal', 'The detection thread ended (exit code 134)', 'It is started again.');
      },
    };
    start(() => (built === 1 ? dying : squareFinder()));
    await agent.apply(config(path), never);
    while (!agent.broken) await new Promise((resolve) => setImmediate(resolve));
    expect(agent.reported).toMatchObject({ state: 'failed', error: expect.stringContaining('exit code 134') });
    await agent.apply(config(path), never);
    await hasEnded(edge);
    expect(edge.frames().filter(({ probes }) => probes.length > 0)).toHaveLength(8);
  }));

it('shows a preview with boxes while the edge asks for it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'squares.mp4');
    await writeSquares(path, 10);
    start();
    await agent.apply(config(path, { source: { kind: 'file', path, loop: true } }), never);
    await edge.until((all) => all.length > 2);
    edge.tell({ type: 'preview', enabled: true, maxWidth: 32, fps: 50 });
    await edge.until((all) => all.some(({ header }) => header.type === 'preview'));
    const { header, blobs } = edge.received.find((message) => message.header.type === 'preview')!;
    expect(header).toMatchObject({ width: 64, height: 48, tracks: [{ box: { width: expect.any(Number) } }] });
    expect([...blobs[0]!.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  }));
