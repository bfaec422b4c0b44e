import { type EdgeMessage, encodeMessage, type FrameMessage, type Outgoing, type ProbeMeta } from '@saface/core';
import { WebSocket } from 'ws';

/** A camera that keeps to its credit; for tests. */
export class FakeCamera {
  readonly received: EdgeMessage[] = [];
  readonly socket: WebSocket;
  /** Frames given back as done. */
  done = 0;
  #credit = 0;
  #sequence = 0;
  #wake: () => void = () => {};

  constructor(url: string, key: string) {
    this.socket = new WebSocket(url, { headers: { authorization: `Bearer ${key}` } });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as EdgeMessage;
      this.received.push(message);
      if (message.type !== 'credit') return;
      if (this.#sequence > 0) this.done += message.frames;
      this.#credit += message.frames;
      this.#wake();
    });
  }

  /** The status of a refused upgrade, or null when the connection stands. */
  open(): Promise<number | null> {
    return new Promise((resolve) => {
      this.socket.once('open', () => resolve(null));
      this.socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    });
  }

  closed(): Promise<number> {
    return new Promise((resolve) => {
      if (this.socket.readyState === WebSocket.CLOSED) resolve(0);
      this.socket.once('close', (code) => resolve(code));
    });
  }

  hello(cameraId: string, sessionId: string, clock = Date.now()): void {
    this.socket.send(encodeMessage({ type: 'hello', version: 1, cameraId, sessionId, clock }));
  }

  /** Waits for credit. */
  async send(frame: Outgoing<FrameMessage>, crops: readonly Uint8Array[]): Promise<void> {
    while (this.#credit <= 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#credit -= 1;
    this.#sequence += 1;
    this.socket.send(encodeMessage(frame, crops));
  }

  close(): void {
    this.socket.close();
  }
}

export function probe(trackId: number, change: Partial<ProbeMeta> = {}): ProbeMeta {
  const landmarks = Array.from({ length: 5 }, (_, i) => ({ x: i, y: i }));
  const box = { x: 100 * trackId, y: 10, width: 60, height: 60 };
  return { trackId, box, landmarks, score: 0.9, quality: 0.8, ...change };
}

export function frame(
  change: Partial<Outgoing<FrameMessage>> & { readonly frameIndex: number },
): Outgoing<FrameMessage> {
  return {
    type: 'frame',
    sequence: change.frameIndex,
    sessionId: 's1',
    time: Date.now(),
    width: 640,
    height: 360,
    cropSize: 8,
    probes: [],
    endedTracks: [],
    counters: { framesRead: 1, framesDropped: 0, facesFound: 0, facesSent: 0 },
    ...change,
  };
}
