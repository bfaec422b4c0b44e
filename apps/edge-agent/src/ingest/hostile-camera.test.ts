import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { packMessage } from '@saface/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FakeCamera, frame, probe } from '../testing/fake-camera.ts';
import { ingestKey, plainCrop, sha256, silent } from '../testing/fixtures.ts';
import { IngestServer } from './ingest-server.ts';

const otherKey = 'the-key-of-another-camera';
const cameras = [
  { id: 'camera', ingestKeySha256: sha256(ingestKey) },
  { id: 'other', ingestKeySha256: sha256(otherKey) },
];

/** A camera's key may be stolen: whoever has it may lose that camera its connection, and nothing else. */
describe('a hostile camera', () => {
  let http: Server;
  let ingest: IngestServer;
  let url: string;
  let taken: number;

  beforeEach(async () => {
    http = createServer();
    taken = 0;
    ingest = new IngestServer({
      http,
      log: silent,
      window: 3,
      maxMessage: 1 << 20,
      cameras: () => cameras,
      ready: () => true,
      listener: {
        onFrame: async () => {
          taken += 1;
        },
        onPreview: () => undefined,
        onState: () => undefined,
        onClosed: () => undefined,
      },
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ingest`;
  });

  afterEach(async () => {
    await ingest.close();
    await new Promise((resolve) => http.close(resolve));
  });

  /** Sends it all after a proper hello; the code with which the edge hangs up, or null when it takes it. */
  async function send(messages: readonly (Uint8Array | string)[], hello = true): Promise<number | null> {
    const camera = new FakeCamera(url, ingestKey);
    expect(await camera.open()).toBeNull();
    if (hello) camera.hello('camera', 's1');
    const closed = camera.closed();
    for (const message of messages) camera.socket.send(message);
    const alive = new Promise<null>((resolve) => {
      camera.socket.once('pong', () => resolve(null));
      camera.socket.ping();
    });
    const code = await Promise.race([closed, alive.then(() => new Promise<null>((r) => setImmediate(() => r(null))))]);
    camera.close();
    return code;
  }

  /** Another camera of the same edge is served as if nothing had happened. */
  async function neighbourIsServed(): Promise<void> {
    const before = taken;
    const neighbour = new FakeCamera(url, otherKey);
    expect(await neighbour.open()).toBeNull();
    neighbour.hello('other', 's1');
    await neighbour.send(frame({ frameIndex: 0, probes: [probe(1)] }), [plainCrop(9)]);
    while (neighbour.done < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(before + 1);
    neighbour.close();
  }

  const good = () => frame({ frameIndex: 0, probes: [probe(1)] });

  it('loses its connection for whatever is no message, and its neighbour is served on', async () => {
    const wrong: (Uint8Array | string)[] = [
      'text',
      new Uint8Array(0),
      new Uint8Array(64).fill(255),
      packMessage({ type: 'nonsense' }),
      packMessage({ ...good(), probes: 'many' }, [plainCrop(1)]),
      packMessage(good(), []),
      packMessage(good(), [plainCrop(1, 9)]),
      packMessage({ ...good(), cropSize: 1e9 }, [plainCrop(1)]),
      packMessage({ ...good(), time: null }, [plainCrop(1)]),
      packMessage({ type: 'hello', version: 1, cameraId: 'camera', sessionId: 's1', clock: 0 }),
      packMessage({ type: 'hello', version: 1, cameraId: 'other', sessionId: 's1', clock: 0 }),
      packMessage({ type: 'preview', time: 1, frameIndex: 1, width: 9, height: 9, tracks: [] }, []),
    ];
    for (const message of wrong) expect(await send([message])).toBe(1008);
    expect(await send([packMessage(good(), [plainCrop(1)])], false)).toBe(1008);
    await neighbourIsServed();
  });

  it('cannot end the edge by a refusal that is longer than a close frame may be', async () => {
    const header = new TextEncoder().encode(JSON.stringify({ type: 'frame', blobs: ['😀'.repeat(5000)] }));
    const bytes = new Uint8Array(4 + header.length);
    new DataView(bytes.buffer).setUint32(0, header.length, true);
    bytes.set(header, 4);
    expect(await send([bytes])).toBe(1008);
    await neighbourIsServed();
  });

  it('cannot send more than the edge takes at once: messages too large, frames beyond its credit', async () => {
    expect(await send([new Uint8Array((1 << 20) + 1)])).toBe(1009);
    const flood = Array.from({ length: 40 }, (_, i) => packMessage({ ...good(), sequence: i }, [plainCrop(1)]));
    const slow = new WebSocket(url, { headers: { authorization: `Bearer ${ingestKey}` } });
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('open', resolve));
    slow.close();
    await send(flood);
    await neighbourIsServed();
  });

  it('gets the same answer for any bytes: refused, or taken for what they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (bytes, at) => {
        const message = packMessage(good(), [plainCrop(1)]);
        message.set(bytes, at % (message.length - bytes.length + 1));
        expect([null, 1008]).toContain(await send([message]));
      }),
      { numRuns: 60 },
    );
    await neighbourIsServed();
  });
});
