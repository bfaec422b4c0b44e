import { once } from 'node:events';
import { Backoff, createLogger } from '@saface/agent-kit';
import type { FrameMessage, Outgoing, PreviewMessage } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeEdge } from '../testing/fake-edge.ts';
import { EdgeLink, type EdgeLinkOptions, ingestUrl } from './edge-link.ts';
import { decodeEdgeMessage } from './edge-message.ts';

const key = 'ingest-key-of-a-test';
const frame = (sequence: number): Outgoing<FrameMessage> => ({
  type: 'frame',
  sequence,
  sessionId: 'session-1',
  frameIndex: sequence,
  time: sequence,
  width: 8,
  height: 8,
  cropSize: 1,
  probes: [],
  endedTracks: [],
  counters: { framesRead: 1, framesDropped: 0, facesFound: 0, facesSent: 0 },
});
const jpeg = Uint8Array.of(0xff, 0xd8);

let edge: FakeEdge;
let link: EdgeLink;
const connect = (options: Partial<EdgeLinkOptions> = {}) => {
  link = new EdgeLink(
    {
      url: edge.url,
      ingestKey: key,
      cameraId: 'camera-1',
      logger: createLogger('test', 'silent'),
      backoff: new Backoff({ first: 5, longest: 20 }),
      ...options,
    },
    'session-0',
  );
};
const seen = (type: string) => edge.received.filter(({ header }) => header.type === type).length;

beforeEach(async () => {
  edge = new FakeEdge(key);
  await edge.start();
});
afterEach(async () => {
  await link.close(50);
  await edge.stop();
});

describe('EdgeLink', () => {
  it('says hello first and sends frames only for credit', async () => {
    connect();
    for (let i = 0; i < 5; i++) link.sendFrame(frame(i), []);
    await edge.until(() => seen('hello') === 1);
    edge.tell({ type: 'credit', frames: 2 });
    await edge.until(() => seen('frame') === 2);
    expect(link.buffered.frames).toBe(3);
    edge.tell({ type: 'credit', frames: 10 });
    await edge.until(() => seen('frame') === 5);
    expect(edge.received[0]!.header).toMatchObject({ type: 'hello', cameraId: 'camera-1', sessionId: 'session-1' });
    expect(edge.frames().map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps frames while the edge is away and goes on where it stopped', async () => {
    edge.window = 4;
    connect();
    link.sendFrame(frame(0), []);
    link.sendState('playing', null);
    await edge.until(() => seen('source-state') === 1);
    while (link.unfinished > 0) await new Promise((resolve) => setImmediate(resolve));
    await edge.stop();
    while (link.connected) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 1; i < 8; i++) link.sendFrame(frame(i), []);
    expect(link.buffered.frames).toBe(7);
    expect(link.problem).toMatch(/edge at ws:/);
    await edge.start();
    await edge.until(() => seen('frame') === 8);
    expect(edge.frames().map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // The second edge is told what the first was told: hello, then the state.
    expect(edge.received.slice(3, 5).map(({ header }) => header.type)).toEqual(['hello', 'source-state']);
    expect(link.problem).toBeNull();
  });

  it('sends again what the edge had not finished when the connection broke', async () => {
    connect();
    for (let i = 0; i < 4; i++) link.sendFrame(frame(i), []);
    await edge.until(() => seen('hello') === 1);
    edge.tell({ type: 'credit', frames: 3 });
    await edge.until(() => seen('frame') === 3);
    edge.tell({ type: 'credit', frames: 1 });
    await edge.until(() => seen('frame') === 4);
    expect(link.unfinished).toBe(3);
    link.sendState('ended', null);
    await edge.until(() => seen('source-state') === 1);
    await edge.stop();
    edge.window = 4;
    await edge.start();
    await edge.until(() => seen('source-state') === 2);
    expect(edge.frames().map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 1, 2, 3]);
    expect(edge.received.at(-1)!.header).toMatchObject({ type: 'source-state', state: 'ended' });
  });

  it('delivers the end of a source after its last frame', async () => {
    connect();
    await edge.until(() => seen('hello') === 1);
    link.sendFrame(frame(0), []);
    link.sendState('ended', null);
    edge.tell({ type: 'credit', frames: 1 });
    await edge.until(() => seen('source-state') === 1);
    expect(edge.received.map(({ header }) => header.type)).toEqual(['hello', 'frame', 'source-state']);
  });

  it('holds a lossless source back until the edge takes frames, and lets go when closed', async () => {
    connect();
    await edge.until(() => seen('hello') === 1);
    for (let i = 0; i < 4; i++) link.sendFrame(frame(i), []);
    let room = false;
    const waiting = link.waitForRoom(3).then(() => {
      room = true;
    });
    edge.tell({ type: 'credit', frames: 1 });
    await edge.until(() => seen('frame') === 1);
    expect(room).toBe(false);
    edge.tell({ type: 'credit', frames: 1 });
    await waiting;
    expect(link.buffered.frames).toBe(2);
    const stuck = link.waitForRoom(1);
    await link.close(50);
    await stuck;
  });

  it('is congested when a connected edge falls behind, not by what was kept while it was away', async () => {
    await edge.stop();
    connect();
    for (let i = 0; i < 40; i++) link.sendFrame(frame(i), []);
    expect(link.congested).toBe(false);
    await edge.start();
    await edge.until(() => seen('hello') === 1);
    for (let i = 40; i < 42; i++) link.sendFrame(frame(i), []);
    expect(link.congested).toBe(false);
    link.sendFrame(frame(42), []);
    expect(link.congested).toBe(true);
    edge.tell({ type: 'credit', frames: 43 });
    await edge.until(() => seen('frame') === 43);
    expect(link.congested).toBe(false);
  });

  it('sends previews only when asked, at the rate asked, and never before probes', async () => {
    connect();
    const preview = {
      type: 'preview',
      time: 0,
      frameIndex: 0,
      width: 8,
      height: 8,
      tracks: [],
    } satisfies Outgoing<PreviewMessage>;
    await edge.until(() => seen('hello') === 1);
    expect(link.previewDue(0)).toBeNull();
    edge.tell({ type: 'preview', enabled: true, maxWidth: 320, fps: 5 });
    while (link.previewDue(1000) === null) await new Promise((resolve) => setImmediate(resolve));
    link.sendPreview(preview, jpeg);
    await edge.until(() => seen('preview') === 1);
    expect(link.previewDue(1100)).toBeNull();
    expect(link.previewDue(1200)).toMatchObject({ maxWidth: 320 });
    edge.pause();
    edge.tell({ type: 'credit', frames: 100 });
    // An edge that does not read: probes fill what the network takes, and previews give way.
    for (let i = 0; link.unsent <= 256 * 1024 && i < 100; i++) {
      link.sendFrame(frame(i), [new Uint8Array(1 << 20)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(link.previewDue(2000)).toBeNull();
    link.sendPreview(preview, jpeg);
    edge.resume();
    link.sendState('ended', null);
    await edge.until(() => seen('source-state') === 1);
    expect(seen('preview')).toBe(1);
  });

  it('names a refused key with its remedy and keeps trying', async () => {
    connect({ ingestKey: 'another-key-than-agreed' });
    while (!/refuses this camera's key — check in Fleet/.test(link.problem ?? '')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(link.connected).toBe(false);
  });

  it('gives an edge up that does not answer pings', async () => {
    const { WebSocketServer } = await import('ws');
    const deaf = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: false });
    await once(deaf, 'listening');
    connect({ url: `ws://127.0.0.1:${(deaf.address() as { port: number }).port}`, pingInterval: 10 });
    await once(deaf, 'connection');
    await once(deaf, 'connection');
    await link.close(10);
    for (const client of deaf.clients) client.terminate();
    deaf.close();
  });
});

it('adds the path under which edges take cameras', () => {
  expect(ingestUrl('ws://edge:4000')).toBe('ws://edge:4000/ingest');
  expect(ingestUrl('wss://edge/site/ingest')).toBe('wss://edge/site/ingest');
});

it('refuses messages that no edge sends', () => {
  expect(() => decodeEdgeMessage('{')).toThrow(/not JSON/);
  expect(() => decodeEdgeMessage('{"type":"credit","frames":-1}')).toThrow(/frames/);
});
