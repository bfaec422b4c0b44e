import type { Logger } from '@saface/agent-kit';
import {
  decodeMessage,
  describeError,
  type EdgeMessage,
  type FrameMessage,
  malformed,
  type PreviewMessage,
  type RgbImage,
  SafaceError,
  type SourceStateMessage,
} from '@saface/core';
import type { RawData, WebSocket } from 'ws';

/** What the rest of the edge hears of its cameras. */
export interface CameraListener {
  /** Resolves when the frame is done with: decided, and its events stored. Only then the camera may send another. */
  onFrame(session: CameraSession, message: FrameMessage, crops: readonly RgbImage[]): Promise<void>;
  onPreview(session: CameraSession, message: PreviewMessage, jpeg: Uint8Array): void;
  onState(session: CameraSession, state: SourceStateMessage): void;
  onClosed(session: CameraSession): void;
}

export interface PreviewOrder {
  readonly maxWidth: number;
  readonly fps: number;
}

/** A camera that does not hang up when it is told to is cut off after this. */
const HANG_UP_MS = 1_000;

export const closeCodes = { replaced: 4001, removed: 4002, protocol: 1008, shutdown: 1001 } as const;

/** One connection of one camera. Frames are taken in order; credit is given back as they are finished. */
export class CameraSession {
  readonly cameraId: string;
  /** Of the key that it came with. */
  readonly keySha256: string;
  /** Of the camera agent's run; null before its hello. */
  sessionId: string | null = null;
  /** Camera's clock minus ours, milliseconds; what the network took makes it a little too small. */
  skew = 0;
  state: SourceStateMessage['state'] = 'playing';
  error: string | null = null;
  readonly #socket: WebSocket;
  readonly #listener: CameraListener;
  readonly #log: Logger;
  readonly #window: number;
  #outstanding = 0;
  #lastSequence = -1;
  #preview: string | null = null;
  /** When the last preview came, by a clock that only goes forward. */
  #previewed = Number.NEGATIVE_INFINITY;
  #previewGap = 0;
  #closed = false;

  constructor(options: {
    cameraId: string;
    keySha256: string;
    socket: WebSocket;
    listener: CameraListener;
    log: Logger;
    window: number;
  }) {
    this.cameraId = options.cameraId;
    this.keySha256 = options.keySha256;
    this.#socket = options.socket;
    this.#listener = options.listener;
    this.#log = options.log;
    this.#window = options.window;
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('close', () => this.#listener.onClosed(this));
    // 'close' follows; an unhandled 'error' would end the process for a camera's fault.
    this.#socket.on('error', (error) => this.#log.warn({ cameraId: this.cameraId }, describeError(error)));
  }

  orderPreview(order: PreviewOrder | null): void {
    const text = JSON.stringify(order);
    if (this.#preview === text || this.sessionId === null) return;
    if (order === null && this.#preview === null) return;
    this.#preview = text;
    const { maxWidth, fps } = order ?? { maxWidth: 1, fps: 1 };
    this.#previewGap = 1000 / fps;
    this.#tell({ type: 'preview', enabled: order !== null, maxWidth, fps });
  }

  /** Nothing more is taken from this connection, whether or not the camera hangs up. */
  close(code: number, reason: SafaceError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tell({ type: 'error', message: reason.message, remedy: reason.remedy });
    this.#socket.close(code, closeReason(reason.message));
    setTimeout(() => this.#socket.terminate(), HANG_UP_MS).unref();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return;
    try {
      if (!isBinary) throw malformed('text where binary belongs');
      this.#take(toBytes(data));
    } catch (error) {
      // This camera's connection ends; nobody else notices.
      this.#log.warn({ cameraId: this.cameraId, error: describeError(error) }, 'camera connection closed');
      const reason = error instanceof SafaceError ? error : malformed(describeError(error));
      this.close(closeCodes.protocol, reason);
    }
  }

  #take(bytes: Uint8Array): void {
    const { header, blobs } = decodeMessage(bytes);
    if (header.type === 'hello') {
      if (header.cameraId !== this.cameraId) throw malformed('the hello names another camera than the key');
      if (this.sessionId !== null) throw malformed('a second hello');
      this.sessionId = header.sessionId;
      this.skew = header.clock - Date.now();
      this.#tell({ type: 'credit', frames: this.#window });
      return;
    }
    if (this.sessionId === null) throw malformed(`${header.type} before hello`);
    if (header.type === 'source-state') {
      this.state = header.state;
      this.error = header.error;
      this.#listener.onState(this, header);
    } else if (header.type === 'preview') {
      if (blobs.length !== 1) throw malformed(`a preview with ${blobs.length} pictures`);
      if (this.#previewIsDue()) this.#listener.onPreview(this, header, blobs[0]!);
    } else this.#takeFrame(header, blobs);
  }

  /** Previews need no credit, so that nobody pays for more of them than were ordered; a little early is the network's doing. */
  #previewIsDue(): boolean {
    const now = performance.now();
    if (this.#preview === null || this.#preview === 'null' || now - this.#previewed < this.#previewGap / 2)
      return false;
    this.#previewed = now;
    return true;
  }

  #takeFrame(header: FrameMessage, blobs: readonly Uint8Array[]): void {
    if (this.#outstanding >= this.#window) throw malformed('more frames than credit');
    if (header.sessionId !== this.sessionId) {
      // The agent kept its connection while its source started over.
      this.sessionId = header.sessionId;
      this.#lastSequence = -1;
    }
    const crops = cropsOf(header, blobs);
    const repeated = header.sequence <= this.#lastSequence;
    this.#lastSequence = Math.max(this.#lastSequence, header.sequence);
    this.state = 'playing';
    this.error = null;
    this.#outstanding += 1;
    const done = repeated ? Promise.resolve() : this.#listener.onFrame(this, header, crops);
    done
      .catch((error: unknown) => {
        this.#log.error({ cameraId: this.cameraId, error: describeError(error) }, 'a frame failed');
      })
      .finally(() => {
        this.#outstanding -= 1;
        this.#tell({ type: 'credit', frames: 1 });
      });
  }

  #tell(message: EdgeMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function cropsOf(header: FrameMessage, blobs: readonly Uint8Array[]): RgbImage[] {
  if (blobs.length !== header.probes.length)
    throw malformed(`${header.probes.length} probes with ${blobs.length} crops`);
  const { cropSize } = header;
  return blobs.map((data) => {
    if (data.length !== cropSize * cropSize * 3)
      throw malformed(`a crop of ${data.length} bytes is not ${cropSize} x ${cropSize} RGB`);
    return { width: cropSize, height: cropSize, data };
  });
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** A close frame carries at most 123 bytes, and ws throws at more: in a handler of its own that would end the edge. */
function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= 123) return text;
  // Half a character at the cut becomes a replacement character of up to three bytes.
  return `${bytes.subarray(0, 117).toString('utf8')}…`;
}
