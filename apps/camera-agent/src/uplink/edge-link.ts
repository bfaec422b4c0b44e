import { Backoff, type Logger } from '@saface/agent-kit';
import {
  describeError,
  type EdgeMessage,
  encodeMessage,
  type FrameMessage,
  type Outgoing,
  type PreviewMessage,
  type SourceStateMessage,
  WIRE_VERSION,
} from '@saface/core';
import { WebSocket } from 'ws';
import { decodeEdgeMessage } from './edge-message.ts';
import { OutgoingBuffer, type OutgoingFrame } from './outgoing-buffer.ts';

export interface EdgeLinkOptions {
  readonly url: string;
  readonly ingestKey: string;
  readonly cameraId: string;
  readonly logger: Logger;
  /** Bytes kept while the edge is away or slow. Default 64 MiB. */
  readonly capacity?: number;
  readonly backoff?: Backoff;
  /** Milliseconds between pings; an edge that misses one whole interval is given up. Default 5000. */
  readonly pingInterval?: number;
}

export type PreviewOrder = Extract<EdgeMessage, { type: 'preview' }>;

/** Above this many bytes that the network has not taken, a preview would stand in the way of probes. */
const previewRoom = 256 * 1024;
const handshakeTimeout = 5000;
/** Frame messages a live camera may be ahead of a connected edge. */
const mostBehind = 2;
/** Milliseconds after which a connection counts as a working one. */
const workingConnection = 3000;

/** The edge takes cameras under /ingest; an address without a path means that. */
export function ingestUrl(address: string): string {
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = '/ingest';
  return url.href;
}

/**
 * The camera's end of the WebSocket to its edge. Frame messages wait in a bounded buffer until the edge has given credit for
 * them; the connection is made again, with back-off, for as long as the link is open.
 */
export class EdgeLink {
  readonly #options: EdgeLinkOptions;
  readonly #buffer: OutgoingBuffer;
  readonly #backoff: Backoff;
  #socket: WebSocket | null = null;
  #open = false;
  #closed = false;
  #credit = 0;
  /** Sent, but not yet said to be done with. */
  #unfinished: OutgoingFrame[] = [];
  #hasWindow = false;
  /** Of the frames waiting, those that were there when the connection was made. */
  #backlog = 0;
  #openedAt = Number.POSITIVE_INFINITY;
  #retry: NodeJS.Timeout | null = null;
  #ping: NodeJS.Timeout | null = null;
  #preview: PreviewOrder | null = null;
  #lastPreview = Number.NEGATIVE_INFINITY;
  #sessionId: string;
  #sentState: Outgoing<SourceStateMessage> | null = null;
  #waiting: (() => void)[] = [];
  #problem: string | null = 'Not connected yet';

  /** @param sessionId session the camera is in when the link is made; later ones come with the frames */
  constructor(options: EdgeLinkOptions, sessionId: string) {
    this.#options = options;
    this.#buffer = new OutgoingBuffer(options.capacity ?? 64 * 2 ** 20);
    this.#backoff = options.backoff ?? new Backoff({ first: 250, longest: 4000 });
    this.#sessionId = sessionId;
    this.#connect();
  }

  get connected(): boolean {
    return this.#open;
  }
  /** Why there is no connection, or what the edge complained of; null while all is well. */
  get problem(): string | null {
    return this.#problem;
  }
  get buffered(): { readonly frames: number; readonly bytes: number; readonly dropped: number } {
    const { frames, bytes, dropped } = this.#buffer;
    return { frames, bytes, dropped };
  }
  /** Frame messages on the way or in work at the edge; they are sent again when the connection breaks. */
  get unfinished(): number {
    return this.#unfinished.length;
  }
  /**
   * The edge is there but takes less than the camera finds; more would only be older when it is looked at. What was kept
   * while it was away does not count: it shall arrive.
   */
  get congested(): boolean {
    return this.#open && this.#buffer.frames - this.#backlog > mostBehind;
  }
  /** Bytes in the socket that the network has not taken. */
  get unsent(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  sendFrame(header: Outgoing<FrameMessage>, blobs: readonly Uint8Array[]): void {
    this.#sessionId = header.sessionId;
    this.#buffer.push({ kind: 'frame', header, blobs });
    this.#pump();
  }

  /** Arrives after every frame sent before. */
  sendState(state: SourceStateMessage['state'], error: string | null): void {
    const header = { type: 'source-state', state, error: error?.slice(0, 2000) ?? null } as const;
    this.#buffer.push({ kind: 'state', header });
    this.#pump();
  }

  /** Resolves when fewer than `frames` messages wait, or the link closes. For sources of which nothing may be lost. */
  async waitForRoom(frames: number): Promise<void> {
    while (this.#buffer.frames >= frames && !this.#closed) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  /** The order to fulfil when a preview of a frame of `time` (ms) is due and would not delay probes; null otherwise. */
  previewDue(time: number): PreviewOrder | null {
    const order = this.#preview;
    if (!this.#open || !order || this.unsent > previewRoom) return null;
    // A tenth of tolerance: frames sampled at the very rate that is asked must not be skipped for a millisecond. Clocks are set back.
    if (Math.abs(time - this.#lastPreview) < 900 / order.fps) return null;
    this.#lastPreview = time;
    return order;
  }

  sendPreview(header: Outgoing<PreviewMessage>, jpeg: Uint8Array): void {
    if (this.#open && this.#preview && this.unsent <= previewRoom) {
      this.#socket?.send(encodeMessage(header, [jpeg]));
    }
  }

  /** Gives what is already in the socket up to `grace` milliseconds to leave; what waits for credit is lost. */
  async close(grace = 500): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#wakeAll();
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.terminate(), grace);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.close(1000, 'camera agent ends');
    });
  }

  #connect(): void {
    this.#retry = null;
    const { url, ingestKey, logger } = this.#options;
    let refusal: string | null = null;
    const socket = new WebSocket(ingestUrl(url), {
      headers: { authorization: `Bearer ${ingestKey}` },
      handshakeTimeout,
      perMessageDeflate: false, // pixels of a noisy camera do not shrink, and the camera's CPU has better to do
      maxPayload: 64 * 1024,
    });
    this.#socket = socket;
    socket.on('open', () => this.#opened(socket));
    socket.on('message', (data, isBinary) => {
      try {
        if (!isBinary) this.#obey(decodeEdgeMessage(data.toString()));
      } catch (error) {
        logger.warn(describeError(error));
      }
    });
    socket.on('unexpected-response', (_request, response) => {
      refusal =
        response.statusCode === 401 || response.statusCode === 403
          ? `The edge at ${url} refuses this camera's key — check in Fleet that the camera belongs to this edge`
          : `The edge at ${url} answered with status ${response.statusCode}`;
      socket.terminate();
    });
    socket.on('error', (error) => {
      refusal ??= `The edge at ${url} cannot be reached (${describeError(error)})`;
    });
    socket.on('close', () => this.#lost(socket, refusal));
  }

  #opened(socket: WebSocket): void {
    const { cameraId, logger, url, pingInterval = 5000 } = this.#options;
    this.#open = true;
    this.#problem = null;
    this.#credit = 0;
    this.#hasWindow = false;
    this.#openedAt = performance.now();
    this.#backlog = this.#buffer.frames;
    logger.info({ url, buffered: this.#buffer.frames }, 'connected to the edge');
    const first = this.#buffer.peek();
    const sessionId = first?.kind === 'frame' ? first.header.sessionId : this.#sessionId;
    socket.send(encodeMessage({ type: 'hello', version: WIRE_VERSION, cameraId, sessionId, clock: Date.now() }));
    // An edge that started anew does not know the state that its predecessor was told.
    if (this.#sentState) socket.send(encodeMessage(this.#sentState));
    let answered = true;
    socket.on('pong', () => {
      answered = true;
    });
    this.#ping = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    }, pingInterval);
    this.#pump();
  }

  #lost(socket: WebSocket, refusal: string | null): void {
    if (this.#socket !== socket) return;
    if (this.#ping) clearInterval(this.#ping);
    this.#ping = null;
    const problem = refusal ?? `The edge at ${this.#options.url} closed the connection`;
    const isNews = this.#open || problem !== this.#problem;
    if (!this.#open) this.#openedAt = Number.POSITIVE_INFINITY;
    this.#open = false;
    this.#credit = 0;
    this.#preview = null;
    this.#sendAgain();
    if (this.#closed) return;
    this.#problem = problem;
    // A connection that is cut at once, as by a second agent with the same key, is not a working one.
    if (performance.now() - this.#openedAt >= workingConnection) this.#backoff.reset();
    const wait = this.#backoff.next();
    if (isNews) this.#options.logger.warn({ retryInMs: Math.round(wait) }, problem);
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  /** What the edge had not finished goes back in front; a state that followed it, such as `ended`, has to follow it again. */
  #sendAgain(): void {
    if (this.#unfinished.length === 0) return;
    const state = this.#sentState;
    this.#buffer.putBack([...this.#unfinished, ...(state ? [{ kind: 'state', header: state } as const] : [])]);
    this.#unfinished = [];
    this.#sentState = null;
  }

  #obey(message: EdgeMessage): void {
    switch (message.type) {
      case 'credit':
        if (this.#hasWindow) this.#unfinished.splice(0, message.frames);
        this.#hasWindow = true;
        this.#credit += message.frames;
        this.#pump();
        break;
      case 'preview':
        this.#preview = message.enabled ? message : null;
        break;
      case 'error':
        this.#problem = `The edge says: ${message.message} — ${message.remedy}`;
        this.#options.logger.warn(this.#problem);
        break;
    }
  }

  #pump(): void {
    while (this.#open && this.#socket) {
      const item = this.#buffer.peek();
      if (!item || (item.kind === 'frame' && this.#credit <= 0)) break;
      this.#buffer.shift();
      if (item.kind === 'frame') {
        this.#credit -= 1;
        this.#unfinished.push(item);
        this.#backlog = Math.max(0, this.#backlog - 1);
        this.#socket.send(encodeMessage(item.header, item.blobs));
      } else {
        this.#sentState = item.header;
        this.#socket.send(encodeMessage(item.header));
      }
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
