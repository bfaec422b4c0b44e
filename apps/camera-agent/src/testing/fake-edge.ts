import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type CameraMessage, decodeMessage, type EdgeMessage, type FrameMessage } from '@saface/core';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Received {
  readonly header: CameraMessage;
  readonly blobs: readonly Uint8Array[];
}

/** An edge for tests: keeps what cameras send, gives credit when told to, can be cut off and come back on the same port. */
export class FakeEdge {
  readonly received: Received[] = [];
  readonly #key: string;
  readonly #news = new EventEmitter();
  #server: WebSocketServer | null = null;
  #socket: WebSocket | null = null;
  #port = 0;
  /** Credit given after a hello; and, when set, one more for each frame taken. */
  window = 0;
  connections = 0;

  constructor(key: string) {
    this.#key = key;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: this.#port,
      verifyClient: ({ req }: { req: { url?: string; headers: { authorization?: string } } }) =>
        req.url === '/ingest' && req.headers.authorization === `Bearer ${this.#key}`,
    });
    this.#server = server;
    server.on('connection', (socket) => {
      this.connections += 1;
      this.#socket = socket;
      socket.on('message', (data) => this.#take(data as Buffer));
    });
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const client of this.#server?.clients ?? []) client.terminate();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    this.#server = null;
  }

  tell(message: EdgeMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Stops reading from the network. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  frames(): FrameMessage[] {
    return this.received.flatMap(({ header }) => (header.type === 'frame' ? [header] : []));
  }

  /** Resolves as soon as `condition` holds for what has been received; the test's own time limit is the deadline. */
  async until(condition: (received: readonly Received[]) => boolean): Promise<void> {
    while (!condition(this.received)) await once(this.#news, 'message');
  }

  #take(data: Buffer): void {
    const message = decodeMessage(data);
    this.received.push(message);
    if (message.header.type === 'hello' && this.window > 0) this.tell({ type: 'credit', frames: this.window });
    if (message.header.type === 'frame' && this.window > 0) this.tell({ type: 'credit', frames: 1 });
    this.#news.emit('message');
  }
}
