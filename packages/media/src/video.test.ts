import { once } from 'node:events';
import { mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { encodeJpeg } from './jpeg.ts';
import { collect, meanDifference, testPicture, withFolder, writePackedVideo, writeTestVideo } from './testing.ts';
import { turnUpright } from './upright.ts';
import { probeVideo, readVideo } from './video-reader.ts';
import { createVideoWriter } from './video-writer.ts';

async function failure(work: Promise<unknown>): Promise<SafaceError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SafaceError);
  return error as SafaceError;
}

describe('video round trip', () => {
  it('reads back as many frames as were written, looking alike, with their times', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 25);
      expect(await probeVideo(path)).toMatchObject({
        width: 64,
        height: 48,
        fps: 10,
        frames: 25,
        duration: 2.5,
        codec: 'h264',
      });
      const frames = await collect(readVideo(path));
      expect(frames.map((f) => f.index)).toEqual([...Array(25).keys()]);
      for (const frame of frames) {
        expect(frame.time).toBeCloseTo(frame.index * 100, 3);
        expect(meanDifference(frame, testPicture(frame.index))).toBeLessThan(6);
      }
    }));

  it('writes the same bytes for the same pictures, and nothing but the video', () =>
    withFolder(async (folder) => {
      await writeTestVideo(join(folder, 'a.mp4'), 12);
      await writeTestVideo(join(folder, 'b.mp4'), 12);
      expect(await readFile(join(folder, 'a.mp4'))).toEqual(await readFile(join(folder, 'b.mp4')));
      expect((await readdir(folder)).sort()).toEqual(['a.mp4', 'b.mp4']);
    }));

  it('removes what a killed writer of the same video left behind, but nothing that may still be written', () =>
    withFolder(async (folder) => {
      const [abandoned, other, fresh] = ['.v.mp4.1.part', '.w.mp4.1.part', '.v.mp4.2.part'];
      for (const name of [abandoned, other, fresh]) await writeFile(join(folder, name), 'half');
      const yesterday = new Date(Date.now() - 86_400_000);
      for (const name of [abandoned, other]) await utimes(join(folder, name), yesterday, yesterday);
      await writeTestVideo(join(folder, 'v.mp4'), 2);
      expect((await readdir(folder)).sort()).toEqual([fresh, other, 'v.mp4']);
    }));

  it('puts the index in front of the pictures', () =>
    withFolder(async (folder) => {
      await writeTestVideo(join(folder, 'v.mp4'), 12);
      const bytes = await readFile(join(folder, 'v.mp4'), 'latin1');
      expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    }));

  it('turns a picture upright that its container says was taken on its side', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 3);
      const [upright] = await collect(readVideo(path));
      const bytes = await readFile(path);
      // The track header's map of x and y, behind times, number, length and layer: a quarter clockwise.
      const map = bytes.indexOf('tkhd') + 44;
      for (const [i, value] of [0, 1, 0, -1, 0].entries()) bytes.writeInt32BE(value * 65536, map + 4 * i);
      await writeFile(path, bytes);
      expect(await probeVideo(path)).toMatchObject({ width: 48, height: 64 });
      const [turned] = await collect(readVideo(path));
      expect(turned).toMatchObject({ width: 48, height: 64 });
      const quarter = { row: [0, 1], column: [-1, 0] } as const;
      expect(meanDifference(turned!, turnUpright(upright!, quarter))).toBeLessThan(1);
      const [scaled] = await collect(readVideo(path, { scaleTo: { width: 24 } }));
      expect(scaled).toMatchObject({ width: 24, height: 32 });
    }));

  it('gives pictures square pixels that are stored with others', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 3);
      const bytes = await readFile(path);
      // The track header's map of x, behind times, number, length and layer: a third wider.
      bytes.writeInt32BE((65536 * 4) / 3, bytes.indexOf('tkhd') + 44);
      await writeFile(path, bytes);
      expect(await probeVideo(path)).toMatchObject({ width: 85, height: 48 });
      const [wide] = await collect(readVideo(path));
      expect(wide).toMatchObject({ width: 85, height: 48 });
      expect(wide?.data.length).toBe(85 * 48 * 3);
      const [scaled] = await collect(readVideo(path, { scaleTo: { width: 32 } }));
      expect(scaled).toMatchObject({ width: 32, height: 18 });
    }));

  it('samples, scales and stops where it is told', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 20);
      const sampled = await collect(readVideo(path, { fps: 5, scaleTo: { width: 32 } }));
      expect(sampled.map((f) => f.index)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      expect(sampled[0]).toMatchObject({ width: 32, height: 24 });
      expect(sampled[0]?.data.length).toBe(32 * 24 * 3);
      expect(await collect(readVideo(path, { maxFrames: 3 }))).toHaveLength(3);
    }));

  it('leaves nothing behind when it is given up or used wrongly', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      const size = { width: 64, height: 48, fps: 10 };
      {
        await using writer = await createVideoWriter(path, size);
        await writer.write(testPicture(0));
      }
      expect((await failure(createVideoWriter(path, { ...size, width: 63 }))).message).toContain('63x48');
      const empty = await createVideoWriter(path, size);
      expect((await failure(empty.close())).code).toBe('invalid-input');
      const wrong = await createVideoWriter(path, size);
      expect((await failure(wrong.write(testPicture(0, { width: 32, height: 48 })))).message).toContain('32x48');
      await wrong.discard();
      expect(await readdir(folder)).toEqual([]);
    }));
});

describe('bad videos', () => {
  it.each([
    ['an empty file', 'empty.mp4', Buffer.alloc(0)],
    ['a text file', 'notes.mp4', Buffer.from('Dear diary, this is not a video.\n'.repeat(50))],
    ['the head of an MP4 without its index', 'head.mp4', Buffer.from('00000020667479706d703432', 'hex')],
  ])('names %s and the remedy', (_, name, bytes) =>
    withFolder(async (folder) => {
      await writeFile(join(folder, name), bytes);
      for (const work of [() => collect(readVideo(join(folder, name))), () => probeVideo(join(folder, name))]) {
        const error = await failure(work());
        expect(error.code).toBe('invalid-input');
        expect(error.message).toContain(name);
        expect(error.remedy.length).toBeGreaterThan(10);
      }
    }),
  );

  it('names folders, missing files, sound files and unknown schemes', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'clips'));
      await writeFile(join(folder, 'sound.wav'), silentWav());
      expect((await failure(probeVideo(join(folder, 'clips')))).message).toMatch(/clips" is a folder/);
      expect((await failure(probeVideo(join(folder, 'none.mp4')))).message).toMatch(/none.mp4" does not exist/);
      expect((await failure(probeVideo(join(folder, 'sound.wav')))).message).toMatch(/sound.wav" has no video/);
      expect((await failure(probeVideo('gopher://camera/1'))).code).toBe('invalid-input');
      expect((await failure(probeVideo('file:///100%.mp4'))).message).toMatch(/100%.mp4" is not the address of a file/);
    }));

  it.each(['mp4', 'mkv', 'avi', 'flv'])('yields what is there of an .%s that is cut off, then says so', (kind) =>
    withFolder(async (folder) => {
      const path = join(folder, `cut.${kind}`);
      // Of MP4 the kind with its index in front.
      await (kind === 'mp4' ? writeTestVideo : writePackedVideo)(path, 60);
      expect(await collect(readVideo(path))).toHaveLength(60);
      await truncate(path, Math.floor((await readFile(path)).length * 0.6));
      let seen = 0;
      const error = await failure(
        (async () => {
          for await (const _ of readVideo(path)) seen++;
        })(),
      );
      expect(seen).toBeGreaterThan(5);
      expect(seen).toBeLessThan(60);
      expect(error.code).toBe('invalid-input');
      expect(error.message).toContain(`cut.${kind}" is cut off after ${seen} frames`);
    }),
  );
});

describe('videos that promise no length', () => {
  const read = async (path: string) => {
    let seen = 0;
    for await (const _ of readVideo(path)) seen++;
    return seen;
  };

  it.each(['ts', 'mpg', 'h264'])(
    'say by their last picture that an .%s is cut off, and nothing where it is whole',
    (kind) =>
      withFolder(async (folder) => {
        const path = join(folder, `video.${kind}`);
        await writePackedVideo(path, 60);
        expect(await read(path)).toBe(60);
        await truncate(path, Math.floor((await readFile(path)).length * 0.6));
        const error = await failure(read(path));
        expect(error.code).toBe('invalid-input');
        expect(error.message).toMatch(/is cut off after 3\d frames \(its last picture is incomplete\)/);
      }),
  );

  it('may be damaged before their end', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'video.h264');
      await writePackedVideo(path, 60);
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0x5a, 12_000, 12_500));
      expect(await read(path)).toBeGreaterThan(50);
    }));
});

describe('ending early', () => {
  it('ends without an error when it is aborted, before and during reading', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 30);
      const controller = new AbortController();
      let seen = 0;
      for await (const _ of readVideo(path, { signal: controller.signal })) if (++seen === 4) controller.abort();
      expect(seen).toBe(4);
      expect(await collect(readVideo(path, { signal: controller.signal }))).toEqual([]);
    }));

  it('can be opened, left and opened again many times', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'v.mp4');
      await writeTestVideo(path, 10);
      const before = (await readdir('/proc/self/fd')).length;
      for (let round = 0; round < 30; round++) for await (const _ of readVideo(path)) break;
      expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 1);
    }));

  it('lets go of a camera that accepts the connection and then says nothing', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    const connected = new Promise((done) => silent.once('connection', done));
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const controller = new AbortController();
    const reading = collect(
      readVideo(`rtsp://user:secret@127.0.0.1:${port}/live`, { signal: controller.signal, timeoutMs: 1500 }),
    );
    await connected;
    const aborted = performance.now();
    controller.abort();
    expect(await reading).toEqual([]);
    expect(performance.now() - aborted).toBeLessThan(1000);
    const error = await failure(probeVideo(`http://user:secret@127.0.0.1:${port}/live`, { timeoutMs: 200 }));
    expect(error.code).toBe('unavailable');
    expect(error.message).not.toContain('secret');
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => silent.close(done));
  });
});

it('can be aborted while a camera that sent pictures is silent', async () => {
  const server = createHttpServer(async (_, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
    for (let n = 0; n < 40; n++) response.write(await mjpegPart(n));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const controller = new AbortController();
  let seen = 0;
  let aborted = Number.NaN;
  for await (const _ of readVideo(`http://127.0.0.1:${port}/stream`, {
    signal: controller.signal,
    timeoutMs: 20_000,
  })) {
    if (++seen !== 30) continue;
    setImmediate(() => {
      aborted = performance.now();
      controller.abort();
    });
  }
  expect(performance.now() - aborted).toBeLessThan(2000);
  expect(seen).toBeGreaterThanOrEqual(30);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

it('reads an HTTP camera that sends JPEG pictures', async () => {
  const server = createHttpServer(async (_, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
    for (let n = 0; n < 8; n++) {
      response.write(await mjpegPart(n));
    }
    response.end('--frame--\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const before = Date.now();
  const frames = await collect(readVideo(`http://127.0.0.1:${port}/stream`, { maxFrames: 5 }));
  expect(frames).toHaveLength(5);
  expect(frames[0]?.time).toBeGreaterThanOrEqual(before);
  for (const frame of frames) expect(meanDifference(frame, testPicture(frame.index))).toBeLessThan(6);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

async function mjpegPart(n: number): Promise<Buffer> {
  const jpeg = await encodeJpeg(testPicture(n % 40), { quality: 95 });
  const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')]);
}

function silentWav(): Buffer {
  const header = Buffer.alloc(44 + 8000);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 8000, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(8000, 40);
  return header;
}
