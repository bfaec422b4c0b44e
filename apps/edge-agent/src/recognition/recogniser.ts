import {
  describeError,
  type EdgeScenario,
  type FrameMessage,
  type LiveFace,
  type RgbImage,
  SafaceError,
} from '@saface/core';
import type { TrackOrigin } from './event-writer.ts';
import { inCalls } from './in-calls.ts';
import { MicroBatcher } from './micro-batcher.ts';
import { sampleSizeOf } from './models.ts';
import type { ServingSet } from './serving.ts';
import type { ServedBase } from './templates.ts';
import { type SeenProbe, TrackBook, type TrackState } from './track-book.ts';

/** A frame on its way through recognition. */
export interface IncomingFrame {
  readonly cameraId: string;
  readonly scenario: EdgeScenario;
  readonly message: FrameMessage;
  /** One per probe of the message. */
  readonly crops: readonly RgbImage[];
  /** Camera's clock minus ours, milliseconds. */
  readonly skew: number;
}

/** A recognised frame as learning takes it: `features` holds the extractor's features, probe after probe. */
export interface RecognisedFrame extends IncomingFrame {
  readonly base: ServedBase;
  readonly features: Float32Array;
  /** The track of each probe. */
  readonly tracks: readonly TrackState[];
}

export interface RecogniserOptions {
  /** The set in force; asked once per batch and scenario, so that one batch never mixes two versions. */
  readonly serving: (scenarioId: string) => ServingSet | null;
  /** Reports a track that was seen or has ended; resolves when its event is stored. */
  readonly report: (origin: TrackOrigin, track: TrackState, ended: boolean) => Promise<void>;
  readonly onFrame: (frame: RecognisedFrame) => void;
  readonly onTracksEnd: (origin: TrackOrigin, tracks: readonly TrackState[]) => void;
  readonly onStreamEnd: (origin: TrackOrigin) => void;
  readonly onLatency: (cameraId: string, milliseconds: number) => void;
  /** A camera sends what cannot be used, or (null) it is usable again. */
  readonly onCameraProblem: (cameraId: string, message: string | null) => void;
  /** Most probes that wait for each other; a frame with more is a batch of its own. Default 16. */
  readonly maxBatch?: number;
  /** Milliseconds a frame may wait for company. Default 15. */
  readonly maxDelay?: number;
  /** Milliseconds without a frame after which a camera's open tracks are over. Default 30 s. */
  readonly silence?: number;
}

interface Recognised {
  readonly set: ServingSet;
  readonly features: Float32Array;
  readonly embeddings: Float32Array;
}

/** Open tracks of one camera; a crowd has fewer, and what a broken camera never ends must not fill the memory. */
const MOST_TRACKS = 512;

/** Batches that one call of the network takes of a frame that is larger than a batch: a little more is not worth another call. */
const MOST_AT_ONCE = 2;

interface Job {
  readonly frame: IncomingFrame;
  reports: Promise<void>[];
}

interface Stream {
  readonly origin: TrackOrigin;
  readonly book: TrackBook;
  lastHeard: number;
  /** Its source has ended; frames may still be on the way. */
  over: boolean;
}

/** Step C of the paper: probes of all cameras through the shared extractor and each scenario's learner to one decision per track. */
export class Recogniser {
  readonly batcher: MicroBatcher<Job>;
  readonly #options: RecogniserOptions;
  readonly #maxBatch: number;
  /** By camera: one session at a time. */
  readonly #streams = new Map<string, Stream>();
  readonly #waiting = new Map<string, number>();

  constructor(options: RecogniserOptions) {
    this.#options = options;
    this.#maxBatch = options.maxBatch ?? 16;
    this.batcher = new MicroBatcher<Job>({
      weight: (job) => job.frame.crops.length,
      run: (jobs) => this.#recognise(jobs),
      maxWeight: this.#maxBatch,
      maxDelay: options.maxDelay ?? 15,
    });
  }

  /** Resolves when the frame was decided and its events are stored. */
  async take(frame: IncomingFrame): Promise<void> {
    const { cameraId } = frame;
    const job: Job = { frame, reports: [] };
    this.#waiting.set(cameraId, (this.#waiting.get(cameraId) ?? 0) + 1);
    try {
      await this.batcher.push(job);
    } finally {
      this.#waiting.set(cameraId, this.#waiting.get(cameraId)! - 1);
    }
    await Promise.all(job.reports);
  }

  /** What is known of the tracks that a preview shows. */
  faces(
    cameraId: string,
    tracks: readonly Pick<LiveFace, 'trackId' | 'box'>[],
    nameOf: (id: string) => string,
  ): LiveFace[] {
    const book = this.#streams.get(cameraId)?.book;
    return tracks.map(({ trackId, box }) => {
      const verdict = book?.get(trackId)?.verdict;
      if (!verdict)
        return { trackId, box, state: 'undecided', identityId: null, name: null, distance: null, threshold: null };
      const { decision, threshold } = verdict;
      return decision.kind === 'recognised'
        ? {
            trackId,
            box,
            state: 'recognised',
            identityId: decision.identityId,
            name: nameOf(decision.identityId),
            distance: decision.distance,
            threshold,
          }
        : {
            trackId,
            box,
            state: 'unknown',
            identityId: null,
            name: null,
            distance: decision.best?.distance ?? null,
            threshold,
          };
    });
  }

  /** Whether this process still follows the stream of a camera session. */
  follows(cameraId: string, sessionId: string): boolean {
    return this.#streams.get(cameraId)?.origin.sessionId === sessionId;
  }

  /** The camera's source came to its end: what is open is over as soon as the frames on the way are done. */
  async endSource(cameraId: string): Promise<void> {
    const stream = this.#streams.get(cameraId);
    if (stream) stream.over = true;
    await this.sweep();
  }

  /** Ends the tracks of cameras that have fallen silent or come to their end. */
  async sweep(now = Date.now()): Promise<void> {
    const limit = now - (this.#options.silence ?? 30_000);
    const silent = [...this.#streams.values()].filter(
      ({ origin, lastHeard, over }) => (over || lastHeard < limit) && !this.#waiting.get(origin.cameraId),
    );
    await Promise.all(silent.flatMap((stream) => this.#endStream(stream)));
  }

  async #recognise(jobs: readonly Job[]): Promise<void> {
    const sets = new Map(jobs.map(({ frame }) => [frame.scenario.id, this.#options.serving(frame.scenario.id)]));
    const usable = jobs.filter((job) => this.#fits(job, sets.get(job.frame.scenario.id) ?? null));
    const recognised = new Map<Job, Recognised>();
    const most = MOST_AT_ONCE * this.#maxBatch;
    for (const [base, members] of groupBy(usable, (job) => sets.get(job.frame.scenario.id)?.base ?? null)) {
      if (base === null) continue;
      const size = sampleSizeOf(base.extractor.featureShape);
      const scenarios = groupBy(members, (job) => job.frame.scenario.id);
      const ordered = [...scenarios.values()].flat();
      const crops = ordered.flatMap((job) => job.frame.crops);
      const features = await inCalls(crops.length, most, (from, to) => base.extractor.extract(crops.slice(from, to)));
      let at = 0;
      for (const [scenarioId, own] of scenarios) {
        const set = sets.get(scenarioId)!;
        const count = own.reduce((sum, job) => sum + job.frame.crops.length, 0);
        const part = features.subarray(at * size, (at + count) * size);
        const embeddings = await inCalls(count, most, (from, to) =>
          set.learner.embed(part.subarray(from * size, to * size)),
        );
        let row = 0;
        for (const job of own) {
          const end = row + job.frame.crops.length;
          recognised.set(job, {
            set,
            features: part.subarray(row * size, end * size),
            embeddings: embeddings.subarray(row * set.learner.dimension, end * set.learner.dimension),
          });
          row = end;
        }
        at += count;
      }
    }
    for (const job of jobs) this.#decide(job, { result: recognised.get(job) ?? null, fits: usable.includes(job) });
  }

  /** Of a frame that does not fit its probes are left out: nobody can recognise them, and their tracks would only pile up. */
  #decide(job: Job, { result, fits }: { result: Recognised | null; fits: boolean }): void {
    const { frame } = job;
    const { message, scenario, cameraId, crops } = frame;
    const { report, onFrame, onTracksEnd, onLatency } = this.#options;
    const stream = this.#stream(frame, job);
    const dimension = result?.set.learner.dimension ?? 0;
    const probes = (fits ? message.probes : []).map(
      (meta, i): SeenProbe => ({
        meta,
        crop: crops[i]!,
        embedding: result ? result.embeddings.slice(i * dimension, (i + 1) * dimension) : null,
      }),
    );
    const seen = stream.book.update({
      time: message.time,
      frameIndex: message.frameIndex,
      probes,
      set: result?.set ?? null,
      policy: scenario.decision,
    });
    if (result && probes.length > 0) {
      onFrame({ ...frame, base: result.set.base, features: result.features, tracks: seen });
      onLatency(cameraId, Date.now() - (message.time - frame.skew));
    }
    const ended = [
      ...message.endedTracks.flatMap((trackId) => stream.book.end(trackId) ?? []),
      ...stream.book.endBeyond(MOST_TRACKS),
    ];
    if (ended.length > 0 || message.endedTracks.length > 0) onTracksEnd(stream.origin, ended);
    for (const track of ended) track.lastFrame = Math.max(track.lastFrame, message.frameIndex);
    job.reports.push(
      ...seen.filter((track) => !ended.includes(track)).map((track) => report(stream.origin, track, false)),
      ...ended.map((track) => report(stream.origin, track, true)),
    );
  }

  #stream({ cameraId, message, scenario }: IncomingFrame, job: Job): Stream {
    const known = this.#streams.get(cameraId);
    if (known && known.origin.sessionId === message.sessionId && known.origin.scenarioId === scenario.id) {
      known.lastHeard = Date.now();
      return known;
    }
    if (known) job.reports.push(...this.#endStream(known));
    const origin = { cameraId, scenarioId: scenario.id, sessionId: message.sessionId };
    const stream = { origin, book: new TrackBook(), lastHeard: Date.now(), over: false };
    this.#streams.set(cameraId, stream);
    return stream;
  }

  #endStream({ origin, book }: Stream): Promise<void>[] {
    const { report, onTracksEnd, onStreamEnd } = this.#options;
    const tracks = book.all().flatMap(({ trackId }) => book.end(trackId) ?? []);
    if (this.#streams.get(origin.cameraId)?.book === book) this.#streams.delete(origin.cameraId);
    if (tracks.length > 0) onTracksEnd(origin, tracks);
    onStreamEnd(origin);
    return tracks.map((track) => report(origin, track, true));
  }

  #fits({ frame }: Job, set: ServingSet | null): boolean {
    if (!set || frame.crops.length === 0) return true;
    const { size } = set.base.extractor.input;
    const misfit = frame.message.cropSize !== size;
    this.#options.onCameraProblem(
      frame.cameraId,
      misfit
        ? describeError(
            new SafaceError(
              'invalid-input',
              `The camera sends crops of ${frame.message.cropSize} pixels, the base model takes ${size}`,
              'Give the camera the alignment of this base model (its configuration is behind).',
            ),
          )
        : null,
    );
    return !misfit;
  }
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
