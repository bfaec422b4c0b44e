import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeMessage, type FrameMessage } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeCamera, frame, probe } from '../testing/fake-camera.ts';
import { ingestKey, plainCrop, sha256, silent } from '../testing/fixtures.ts';
import { authenticateCamera } from './authenticate.ts';
import { IngestServer } from './ingest-server.ts';

const otherKey = 'the-key-of-another-camera';
const cameras = [
  { id: 'camera', ingestKeySha256: sha256(ingestKey) },
  { id: 'other', ingestKeySha256: sha256(otherKey) },
];

describe('authenticateCamera', () => {
  it('knows a camera by its key alone', () => {
    expect(authenticateCamera(`Bearer ${ingestKey}`, cameras)).toBe(cameras[0]);
    expect(authenticateCamera(`bearer ${otherKey}`, cameras)).toBe(cameras[1]);
    for (const header of [
      undefined,
      '',
      'Bearer',
      ingestKey,
      `Bearer ${ingestKey}x`,
      `Basic ${ingestKey}`,
      'Bearer short',
    ])
      expect(authenticateCamera(header, cameras)).toBeNull();
  });
});

describe('IngestServer', () => {
  let http: Server;
  let ingest: IngestServer;
  let url: string;
  let ready: boolean;
  let known: typeof cameras | null;
  let frames: { message: FrameMessage; finish: () => void }[];
  let states: string[];
  let previews: number;
  const open: FakeCamera[] = [];

  beforeEach(async () => {
    http = createServer();
    frames = [];
    states = [];
    previews = 0;
    ready = true;
    known = cameras;
    ingest = new IngestServer({
      http,
      log: silent,
      window: 3,
      cameras: () => known,
      ready: () => ready,
      listener: {
        onFrame: (_session, message) => new Promise((finish) => frames.push({ message, finish })),
        onPreview: () => {
          previews += 1;
        },
        onState: (_session, { state }) => states.push(state),
        onClosed: ({ cameraId }) => states.push(`closed ${cameraId}`),
      },
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    for (const camera of open.splice(0)) camera.close();
    await ingest.close();
    await new Promise((resolve) => http.close(resolve));
  });

  function camera(key = ingestKey, path = '/ingest'): FakeCamera {
    const made = new FakeCamera(url + path, key);
    open.push(made);
    return made;
  }

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };

  async function connected(key = ingestKey, id = 'camera'): Promise<FakeCamera> {
    const made = camera(key);
    expect(await made.open()).toBeNull();
    made.hello(id, 's1');
    await until(() => made.received.length > 0);
    return made;
  }

  it('refuses a wrong key, another path, and cameras before there is anything to serve them with', async () => {
    expect(await camera('a-key-that-nobody-has').open()).toBe(401);
    expect(await camera(ingestKey, '/elsewhere').open()).toBe(404);
    ready = false;
    expect(await camera().open()).toBe(503);
    known = null;
    expect(await camera().open()).toBe(503);
  });

  it('gives credit, and gives it back only when a frame is done with', async () => {
    const sender = await connected();
    expect(sender.received).toEqual([{ type: 'credit', frames: 3 }]);
    for (let i = 0; i < 3; i++) await sender.send(frame({ frameIndex: i, probes: [probe(1)] }), [plainCrop(7)]);
    const fourth = sender.send(frame({ frameIndex: 3 }), []);
    await until(() => frames.length === 3);
    expect(frames.map(({ message }) => message.frameIndex)).toEqual([0, 1, 2]);
    frames[0]!.finish();
    await fourth;
    await until(() => frames.length === 4);
    expect(sender.received).toHaveLength(2);
  });

  it('takes a frame that is sent again only once', async () => {
    const sender = await connected();
    await sender.send(frame({ frameIndex: 5 }), []);
    await sender.send(frame({ frameIndex: 5 }), []);
    await sender.send(frame({ frameIndex: 6 }), []);
    await until(() => frames.length === 2);
    expect(frames.map(({ message }) => message.frameIndex)).toEqual([5, 6]);
  });

  it.each<[string, (sender: FakeCamera) => void]>([
    ['text', (sender) => sender.socket.send('hello')],
    ['noise', (sender) => sender.socket.send(Buffer.alloc(64, 255))],
    [
      'a crop of the wrong size',
      (sender) => void sender.send(frame({ frameIndex: 0, probes: [probe(1)] }), [new Uint8Array(5)]),
    ],
    ['a probe without its crop', (sender) => void sender.send(frame({ frameIndex: 0, probes: [probe(1)] }), [])],
    ['a second hello', (sender) => sender.hello('camera', 's2')],
  ])('closes the connection that sends %s, and no other', async (_what, misbehave) => {
    const good = await connected(otherKey, 'other');
    const bad = await connected();
    const closed = bad.closed();
    misbehave(bad);
    expect(await closed).toBe(1008);
    expect(bad.received.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining('Malformed message') });
    await good.send(frame({ frameIndex: 0 }), []);
    await until(() => frames.length === 1);
  });

  it('closes a camera that overdraws its credit', async () => {
    const greedy = await connected();
    const closed = greedy.closed();
    const { encodeMessage } = await import('@saface/core');
    for (let i = 0; i < 4; i++) greedy.socket.send(encodeMessage(frame({ frameIndex: i })));
    expect(await closed).toBe(1008);
    expect(frames).toHaveLength(3);
  });

  it('refuses a hello in the name of another camera', async () => {
    const liar = camera();
    await liar.open();
    const closed = liar.closed();
    liar.hello('other', 's1');
    expect(await closed).toBe(1008);
  });

  it('keeps one connection per camera: the newest', async () => {
    const old = await connected();
    const closed = old.closed();
    await connected();
    expect(await closed).toBe(4001);
    expect(ingest.sessions()).toHaveLength(1);
  });

  it('orders previews while somebody watches, and closes cameras that left the configuration', async () => {
    const watched = await connected();
    ingest.watch(['camera']);
    await until(() => watched.received.some(({ type }) => type === 'preview'));
    expect(watched.received.at(-1)).toMatchObject({ type: 'preview', enabled: true });
    ingest.watch([]);
    await until(() => watched.received.at(-1)!.type === 'preview' && watched.received.length === 3);
    expect(watched.received.at(-1)).toMatchObject({ enabled: false });
    const closed = watched.closed();
    ingest.retain([cameras[1]!]);
    expect(await closed).toBe(4002);
  });

  it('closes a connection whose key counts no longer, and takes nothing more from it', async () => {
    const revoked = await connected();
    const closed = revoked.closed();
    ingest.retain([{ ...cameras[0]!, ingestKeySha256: sha256('the key of its successor') }, cameras[1]!]);
    await revoked.send(frame({ frameIndex: 0 }), []);
    expect(await closed).toBe(4002);
    expect(frames).toEqual([]);
  });

  it('cuts off a camera that does not hang up', async () => {
    const deaf = await connected();
    const session = ingest.session('camera')!;
    // Without its socket read, the camera never answers that the connection is to end.
    deaf.socket.pause();
    ingest.retain([cameras[1]!]);
    await until(() => states.includes('closed camera'));
    expect(ingest.session('camera')).not.toBe(session);
  });

  it('takes pictures only while they are ordered, and no more than were', async () => {
    const watched = await connected();
    const picture = {
      type: 'preview' as const,
      time: Date.now(),
      frameIndex: 0,
      width: 8,
      height: 8,
      tracks: [],
    };
    const send = () => watched.socket.send(encodeMessage(picture, [new Uint8Array(4)]));
    send();
    await watched.send(frame({ frameIndex: 0 }), []);
    await until(() => frames.length === 1);
    expect(previews).toBe(0);
    ingest.watch(['camera']);
    for (let i = 0; i < 20; i++) send();
    await watched.send(frame({ frameIndex: 1 }), []);
    await until(() => frames.length === 2);
    expect(previews).toBe(1);
  });

  it('lets nobody have more under way by connecting again', async () => {
    const busy = async () => {
      const made = await connected();
      for (let i = 0; i < 3; i++) await made.send(frame({ frameIndex: i }), []);
      return made;
    };
    await busy();
    await until(() => frames.length === 3);
    const second = await busy();
    await until(() => frames.length === 6);
    expect(await camera().open()).toBe(503);
    frames[5]!.finish();
    await until(() => second.done === 1);
    expect(await camera().open()).toBeNull();
  });

  it('estimates how far the clock of the camera is off', async () => {
    const late = camera();
    await late.open();
    late.hello('camera', 's1', Date.now() - 60_000);
    await until(() => ingest.session('camera')?.sessionId === 's1');
    expect(ingest.session('camera')!.skew).toBeLessThanOrEqual(-60_000);
    expect(ingest.session('camera')!.skew).toBeGreaterThan(-65_000);
  });
});
