import { type FrameMessage, MAX_TRACKS, type Outgoing, type SourceStateMessage } from '@saface/core';

export interface OutgoingFrame {
  readonly kind: 'frame';
  header: Outgoing<FrameMessage>;
  readonly blobs: readonly Uint8Array[];
}
export interface OutgoingState {
  readonly kind: 'state';
  readonly header: Outgoing<SourceStateMessage>;
}
export type OutgoingItem = OutgoingFrame | OutgoingState;

/** What a message takes in memory besides its crops; an estimate, so that frames without faces are bounded too. */
const headerBytes = 1024;

const sizeOf = (item: OutgoingItem) =>
  headerBytes + (item.kind === 'frame' ? item.blobs.reduce((sum, blob) => sum + blob.length, 0) : 0);

/**
 * Ring buffer of what the edge has not taken yet, bounded in bytes. When it is full the oldest frame goes; its counters and
 * ended tracks move into the next frame message, so the edge's funnel stays true and no track stays open for ever.
 */
export class OutgoingBuffer {
  readonly #capacity: number;
  #items: OutgoingItem[] = [];
  #bytes = 0;
  #frames = 0;
  #dropped = 0;

  /** @param capacity bytes */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }
  /** Frame messages waiting. */
  get frames(): number {
    return this.#frames;
  }
  /** Frame messages thrown away since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: OutgoingItem): void {
    this.#items.push(item);
    this.#bytes += sizeOf(item);
    if (item.kind === 'frame') this.#frames += 1;
    while (this.#bytes > this.#capacity && this.#frames > 1) this.#dropOldestFrame();
  }

  /** Puts items back that were taken out but have to be sent again, oldest first. */
  putBack(items: readonly OutgoingItem[]): void {
    this.#items.unshift(...items);
    for (const item of items) {
      this.#bytes += sizeOf(item);
      if (item.kind === 'frame') this.#frames += 1;
    }
  }

  peek(): OutgoingItem | undefined {
    return this.#items[0];
  }

  shift(): OutgoingItem | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    this.#bytes -= sizeOf(item);
    if (item.kind === 'frame') this.#frames -= 1;
    return item;
  }

  #dropOldestFrame(): void {
    const at = this.#items.findIndex((item) => item.kind === 'frame');
    const lost = this.#items[at];
    if (lost?.kind !== 'frame') return;
    this.#items.splice(at, 1);
    this.#bytes -= sizeOf(lost);
    this.#frames -= 1;
    this.#dropped += 1;
    const next = this.#items.find((item) => item.kind === 'frame');
    if (next?.kind !== 'frame') return;
    const a = lost.header;
    const b = next.header;
    next.header = {
      ...b,
      // The edge ends by itself what it hears nothing of; what a message cannot hold would come back for ever.
      endedTracks: (a.sessionId === b.sessionId ? [...a.endedTracks, ...b.endedTracks] : b.endedTracks).slice(
        -MAX_TRACKS,
      ),
      counters: {
        framesRead: a.counters.framesRead + b.counters.framesRead,
        framesDropped: a.counters.framesDropped + b.counters.framesDropped + 1,
        facesFound: a.counters.facesFound + b.counters.facesFound,
        facesSent: a.counters.facesSent - a.probes.length + b.counters.facesSent,
      },
    };
  }
}
