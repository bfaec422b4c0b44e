import type { Frame, FrameMessage, Outgoing, PreviewMessage } from '@saface/core';
import { encodeJpeg } from '@saface/media/jpeg';
import type { CapturedFrame } from '../sources/supervise.ts';
import type { PreviewOrder } from '../uplink/edge-link.ts';
import { FrameQueue } from './frame-queue.ts';
import type { Funnel } from './funnel.ts';
import type { FoundProbe, FoundProbes, ProbeFinder } from './probe-finder.ts';

/** Where probes go; EdgeLink is one. */
export interface ProbeSink {
  sendFrame(header: Outgoing<FrameMessage>, blobs: readonly Uint8Array[]): void;
  waitForRoom(frames: number): Promise<void>;
  /** More than enough waits already; live frames are better dropped before they cost a detection. */
  readonly congested: boolean;
  previewDue(time: number): PreviewOrder | null;
  sendPreview(header: Outgoing<PreviewMessage>, jpeg: Uint8Array): void;
}

export interface PipelineOptions {
  readonly frames: AsyncIterable<CapturedFrame>;
  /** Asked for each frame, so that a detector can be exchanged while frames flow. */
  readonly finder: () => ProbeFinder;
  readonly sink: () => ProbeSink;
  /** Nothing is dropped: a slow detector or edge holds the source back. */
  readonly lossless: boolean;
  /** Side of an aligned crop, pixels; stated even in messages without probes. */
  readonly cropSize: () => number;
  readonly funnel: Funnel;
  readonly signal: AbortSignal;
}

/** Frames between decoding and detection. Live: one in work, one fresh; more would only be older pictures. */
const queueCapacity = { live: 1, lossless: 8 };
/** Messages that may wait for the edge before a lossless source is held back. */
const lossless = { messagesWaiting: 16 };
/** Frames without faces carry counters and ended tracks; one of them in this many milliseconds is enough. */
const quietInterval = 1000;

/**
 * Decode -> sample -> detect -> align -> track -> emit (sections 2 and 4.1) for one run of a source. Resolves when the source
 * ends or the signal aborts; throws what the detector throws. At most one preview is encoded at a time, beside the probes.
 */
export async function runPipeline(options: PipelineOptions): Promise<void> {
  const { frames, funnel, signal } = options;
  const queue = new FrameQueue<CapturedFrame>({
    capacity: options.lossless ? queueCapacity.lossless : queueCapacity.live,
    whenFull: options.lossless ? 'wait' : 'drop-oldest',
    onDrop: () => funnel.add('framesDropped'),
  });
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = () => {
      queue.close(true);
      resolve();
    };
  });
  signal.addEventListener('abort', stop, { once: true });
  let readingFailed: unknown;
  const reading = (async () => {
    try {
      for await (const frame of frames) {
        funnel.add('framesRead');
        await queue.push(frame);
        if (signal.aborted) return;
      }
    } catch (error) {
      readingFailed = error;
    } finally {
      queue.close();
    }
  })();
  try {
    const emitter = new Emitter(options);
    for await (const frame of queue) {
      if (!options.lossless && options.sink().congested) {
        funnel.add('framesDropped');
        continue;
      }
      const finder = options.finder();
      emitter.expect(frame, finder);
      const found = await finder.find(frame);
      if (signal.aborted) return;
      emitter.emit(frame, found);
      if (options.lossless) await Promise.race([options.sink().waitForRoom(lossless.messagesWaiting), stopped]);
    }
    await reading;
    if (readingFailed !== undefined) throw readingFailed;
    emitter.finish();
  } finally {
    queue.close(true);
    signal.removeEventListener('abort', stop);
  }
}

/** Turns what was found in each frame into messages; keeps sessions, sequence and track ids in order. */
class Emitter {
  readonly #options: PipelineOptions;
  #finder: ProbeFinder | null = null;
  #session: string | null = null;
  #sequence = 0;
  #last: Frame | null = null;
  #lastSent = Number.NEGATIVE_INFINITY;
  /** Added to the ids of the current finder, so that those of an exchanged one are not used again. */
  #offset = 0;
  #nextId = 0;
  readonly #live = new Set<number>();
  #ended: number[] = [];
  #encoding = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Before `finder` sees `frame`: ends what cannot go on, when the source started over or the finder was exchanged. */
  expect(frame: CapturedFrame, finder: ProbeFinder): void {
    const startsOver = frame.sessionId !== this.#session;
    if (startsOver && this.#session !== null) this.finish();
    if (finder !== this.#finder) {
      this.#endTracks();
      this.#offset = this.#nextId;
      this.#finder = finder;
    }
    if (startsOver) {
      finder.reset();
      this.#session = frame.sessionId;
      this.#sequence = 0;
      // Its clock may be another.
      this.#lastSent = Number.NEGATIVE_INFINITY;
    }
  }

  emit(frame: CapturedFrame, found: FoundProbes): void {
    const { funnel } = this.#options;
    const probes = found.probes.map((probe) => ({ ...probe, trackId: probe.trackId + this.#offset }));
    funnel.add('facesFound', probes.length);
    for (const { trackId } of probes) {
      this.#live.add(trackId);
      this.#nextId = Math.max(this.#nextId, trackId + 1);
    }
    for (const id of found.endedTracks) {
      // What `reset` or an exchange ended already is not ended twice.
      if (this.#live.delete(id + this.#offset)) this.#ended.push(id + this.#offset);
    }
    this.#last = frame;
    if (probes.length > 0 || this.#ended.length > 0 || frame.time - this.#lastSent >= quietInterval) {
      funnel.add('facesSent', probes.length);
      this.#send(frame, probes);
    }
    this.#preview(frame, probes);
  }

  /** The session is over: nobody will continue its tracks, and what was counted is told. */
  finish(): void {
    this.#endTracks();
    if (this.#last && (this.#ended.length > 0 || this.#options.funnel.hasNews)) {
      this.#send({ ...this.#last, index: this.#last.index + 1 }, []);
    }
    this.#last = null;
  }

  #endTracks(): void {
    this.#ended.push(...this.#live);
    this.#live.clear();
  }

  #send(frame: Frame, probes: readonly FoundProbe[]): void {
    const { sink, funnel, cropSize } = this.#options;
    const header = {
      type: 'frame',
      sequence: this.#sequence++,
      sessionId: this.#session!,
      frameIndex: frame.index,
      time: frame.time,
      width: frame.width,
      height: frame.height,
      cropSize: probes[0]?.crop.width ?? cropSize(),
      probes: probes.map(({ crop: _, ...meta }) => meta),
      endedTracks: this.#ended,
      counters: funnel.take(),
    } as const;
    this.#ended = [];
    this.#lastSent = frame.time;
    sink().sendFrame(
      header,
      probes.map(({ crop }) => crop.data),
    );
  }

  #preview(frame: Frame, probes: readonly FoundProbe[]): void {
    if (this.#encoding) return;
    const sink = this.#options.sink();
    const order = sink.previewDue(frame.time);
    if (!order) return;
    const header = {
      type: 'preview',
      time: frame.time,
      frameIndex: frame.index,
      // The frame's own size, which the boxes refer to; the picture may be smaller.
      width: frame.width,
      height: frame.height,
      tracks: probes.map(({ trackId, box }) => ({ trackId, box })),
    } as const;
    this.#encoding = true;
    encodeJpeg(frame, { maxWidth: order.maxWidth, quality: 75 })
      .then((jpeg) => sink.sendPreview(header, jpeg))
      .catch(() => undefined) // a picture to look at is never worth stopping for
      .finally(() => {
        this.#encoding = false;
      });
  }
}
