import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { Backoff } from '@saface/agent-kit';
import type { SourceConfig } from '@saface/core';
import { encodeJpeg } from '@saface/media';
import { demoLength, scenarioVideoPaths } from '@saface/simulator/scenario-video';
import { describe, expect, it } from 'vitest';
import { startRtspCamera } from '../testing/rtsp-camera.ts';
import { encodedSquares, movingSquare, withFolder, writeSquares } from '../testing/videos.ts';
import { planSource, type SourceContext } from './registry.ts';
import { type CapturedFrame, superviseSource } from './supervise.ts';

const context = { simulatorDirectory: '/nowhere', networkTimeout: 2000 };

/** Plays a source, unpaced, until it ends or `enough` frames came. */
async function play(config: SourceConfig, enough = Number.POSITIVE_INFINITY, where: SourceContext = context) {
  const abort = new AbortController();
  const states: string[] = [];
  const frames: CapturedFrame[] = [];
  const source = superviseSource(planSource(config, where), {
    signal: abort.signal,
    paced: false,
    sampler: { wants: () => true, reset: () => undefined },
    onState: (state, error) => {
      states.push(error === null ? state : `${state}: ${error}`);
      if (enough === 0 && error !== null) abort.abort();
    },
    backoff: new Backoff({ first: 1, longest: 2 }),
  });
  for await (const frame of source) {
    frames.push(frame);
    if (frames.length >= enough) abort.abort();
  }
  return { states, frames };
}

async function serve<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

describe('files', () => {
  it('plays a file to its end and over again when it loops', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'squares.mp4');
      await writeSquares(path, 12);
      const once = await play({ kind: 'file', path, loop: false });
      expect(once.states).toEqual(['playing', 'ended']);
      expect(once.frames.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, i) => i));
      const looped = await play({ kind: 'file', path, loop: true }, 30);
      expect(looped.frames.map(({ index }) => index).slice(10, 15)).toEqual([10, 11, 0, 1, 2]);
      expect(new Set(looped.frames.map(({ sessionId }) => sessionId)).size).toBe(3);
    }));

  it.each([
    ['missing.mp4', null, /"[^"]*missing.mp4" does not exist — Check the path/],
    ['empty.mp4', '', /is empty \(0 bytes\) — /],
    ['text.mp4', 'this is a letter, not a video\n'.repeat(200), /is not a video that can be read/],
  ])('names what is wrong with %s and what to do', (name, content, message) =>
    withFolder(async (folder) => {
      const path = join(folder, name);
      if (content !== null) await writeFile(path, content);
      const { states, frames } = await play({ kind: 'file', path, loop: true }, 0);
      expect(frames).toEqual([]);
      expect(states).toHaveLength(1);
      expect(states[0]).toMatch(/^failed: /);
      expect(states[0]).toMatch(message);
    }),
  );
});

it('plays the leading share of a simulated video, over and over', () =>
  withFolder(async (folder) => {
    const paths = scenarioVideoPaths(folder, { scenario: 'corridor', seed: 7, ...demoLength });
    await writeSquares(paths.video, demoLength.seconds * demoLength.fps, demoLength.fps);
    await writeFile(paths.truth, 'frame,person,x,y,width,height\n');
    const { seconds } = demoLength;
    const source = { kind: 'simulator', scenario: 'corridor', seed: 7, loop: true, share: 0.01, seconds } as const;
    const { frames, states } = await play(source, 16, { ...context, simulatorDirectory: folder });
    expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1]);
    expect(states).toEqual(['playing', 'playing', 'playing']);
  }));

describe('live sources', () => {
  it('reads MJPEG over HTTP and opens it again when it breaks off', async () => {
    let requests = 0;
    const { states, frames } = await serve(
      async (_request, response) => {
        requests += 1;
        response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
        for (let n = 0; n < 6; n++) {
          const jpeg = await encodeJpeg(movingSquare(n), { quality: 90 });
          response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
          response.write(jpeg);
          response.write('\r\n');
        }
        response.end('--frame--\r\n');
      },
      (url) => play({ kind: 'http', url }, 9),
    );
    expect(requests).toBeGreaterThanOrEqual(2);
    expect(frames).toHaveLength(9);
    expect(states[0]).toBe('playing');
    expect(states[1]).toMatch(/^reconnecting: .*(ended its stream|stopped after)/);
    expect(states[2]).toBe('playing');
    expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  it('reads an MPEG transport stream over HTTP', () =>
    withFolder(async (folder) => {
      const bytes = await encodedSquares(folder, 30, 'mpegts');
      const { states, frames } = await serve(
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'video/mp2t' });
          response.end(bytes);
        },
        (url) => play({ kind: 'http', url }, 20),
      );
      expect(states[0]).toBe('playing');
      expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect(Math.abs(frames[0]!.time - Date.now())).toBeLessThan(60_000);
    }));

  it('says that a camera does not answer, without its password', async () => {
    const { states } = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (url) => play({ kind: 'http', url: url.replace('//', '//admin:geheim@') }, 0),
    );
    expect(states[0]).toMatch(/^reconnecting: "http:\/\/\*\*\*@127\.0\.0\.1:\d+\/stream" does not answer with video/);
    expect(states[0]).not.toContain('geheim');
  });

  it('plays RTSP and opens it again when the camera hangs up', () =>
    withFolder(async (folder) => {
      await using camera = await startRtspCamera(await encodedSquares(folder, 12, 'h264'));
      const { frames, states } = await play({ kind: 'rtsp', url: camera.url }, 18);
      expect(camera.plays()).toBeGreaterThanOrEqual(2);
      expect(states[0]).toBe('playing');
      expect(states[1]).toMatch(/^reconnecting: "rtsp:/);
      expect(states[2]).toBe('playing');
      expect(frames[0]).toMatchObject({ width: 64, height: 48 });
      expect(new Set(frames.map(({ sessionId }) => sessionId)).size).toBeGreaterThanOrEqual(2);
    }));

  it('gives an RTSP camera up that hangs up on every request', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { states } = await play({ kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/live` }, 0);
    server.close();
    expect(states[0]).toMatch(/^reconnecting: "rtsp:/);
  });

  it('names a device that is not plugged in', async () => {
    const { states } = await play({ kind: 'device', path: '/dev/video99' }, 0);
    expect(states[0]).toMatch(/^failed: "\/dev\/video99" cannot be opened .* — Plug the camera in/);
  });
});
