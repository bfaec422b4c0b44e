import type { Box } from '../geometry.ts';
import { TRACK_MIN_LENGTH } from '../tracking/tracker.ts';
import { buildLearningSet, type LearningSet, type ProbeObservation } from './learning-set.ts';

export interface TrackStoreOptions {
  /** Most probes held over all tracks. */
  readonly maxProbes: number;
  /** Most probes held of one track; beyond it every second frame is let go. Default 200. */
  readonly maxProbesPerTrack?: number;
  /** Shorter tracks are let go when they end. Default 10 (section 4.1). */
  readonly minLength?: number;
}

export interface StoredFrame<Ref> {
  /** Camera and its session; track ids and frame indices are unique within it. */
  readonly stream: string;
  readonly frame: number;
  readonly time: number;
  readonly probes: readonly StoredProbe<Ref>[];
}

export interface StoredProbe<Ref> {
  readonly trackId: number;
  readonly quality: number;
  readonly box: Box;
  /** The caller's handle of the probe's features (and crop, if it keeps one). */
  readonly ref: Ref;
}

interface HeldProbe<Ref> {
  readonly frame: number;
  readonly time: number;
  readonly quality: number;
  readonly box: Box;
  readonly ref: Ref;
}

interface HeldTrack<Ref> {
  readonly key: string;
  readonly stream: string;
  length: number;
  ended: boolean;
  /** One frame in so many is kept, see `isKept`; a power of two. */
  stride: number;
  lastTime: number;
  probes: HeldProbe<Ref>[];
  readonly together: Set<string>;
}

/** A snapshot to learn from; `refs[row]` are the features of the probe with that `row`. */
export interface TrackSnapshot<Ref> {
  readonly set: LearningSet;
  readonly refs: readonly Ref[];
  /** Times of the oldest and newest probe, or null when empty. */
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * The tracks of a scenario with handles of their probes' features, in bounded memory.
 *
 * Whatever is let go is handed back to the caller, who frees the features. A person who stands for an hour would fill the
 * store with copies of one face, so long tracks are thinned: by frame, with strides that are powers of two, so that tracks
 * thinned at different times still meet in the same frames. When the store is full the oldest ended track goes
 * first. Which tracks were seen together is remembered even where the shared frames were thinned away.
 */
export class TrackStore<Ref> {
  readonly #maxProbes: number;
  readonly #maxProbesPerTrack: number;
  readonly #minLength: number;
  readonly #tracks = new Map<string, HeldTrack<Ref>>();
  #count = 0;

  constructor(options: TrackStoreOptions) {
    this.#maxProbes = Math.max(1, options.maxProbes);
    this.#maxProbesPerTrack = Math.max(2, options.maxProbesPerTrack ?? 200);
    this.#minLength = options.minLength ?? TRACK_MIN_LENGTH;
  }

  get probeCount(): number {
    return this.#count;
  }

  /** Tracks long enough to learn from, live ones included. */
  get keptTracks(): number {
    let kept = 0;
    for (const track of this.#tracks.values()) if (track.length >= this.#minLength) kept += 1;
    return kept;
  }

  static trackKey(stream: string, trackId: number): string {
    return `${stream}/${trackId}`;
  }

  /** Adds everything of one frame; returns what was let go. */
  addFrame(frame: StoredFrame<Ref>): Ref[] {
    const released: Ref[] = [];
    const present = frame.probes.map((probe) => this.#track(frame.stream, probe.trackId));
    present.forEach((track, i) => {
      track.length += 1;
      track.lastTime = frame.time;
      for (const other of present) if (other !== track) track.together.add(other.key);
      const { trackId: _, ...probe } = frame.probes[i]!;
      if (!isKept(frame.frame, track.stride)) {
        released.push(probe.ref);
        return;
      }
      track.probes.push({ ...probe, frame: frame.frame, time: frame.time });
      this.#count += 1;
      while (track.probes.length > this.#maxProbesPerTrack) released.push(...this.#thin(track));
    });
    while (this.#count > this.#maxProbes) released.push(...this.#evictOldest());
    return released;
  }

  /** Closes tracks; those too short to learn from are let go. */
  endTracks(stream: string, trackIds: Iterable<number>): Ref[] {
    return [...trackIds].flatMap((id) => this.#end(TrackStore.trackKey(stream, id)));
  }

  /** Closes every track of a camera session that is over. */
  endStream(stream: string): Ref[] {
    return [...this.#tracks.values()].filter((t) => t.stream === stream).flatMap((t) => this.#end(t.key));
  }

  /** Forgets one track altogether, for erasure. */
  remove(trackKey: string): Ref[] {
    return this.#drop(trackKey);
  }

  /** What can be learnt from now: tracks of sufficient length, live ones included. */
  snapshot(options: { readonly minQuality?: number } = {}): TrackSnapshot<Ref> {
    const observations: ProbeObservation[] = [];
    const refs: Ref[] = [];
    const lengths = new Map<string, number>();
    const together: [string, string][] = [];
    let from: number | null = null;
    let to: number | null = null;
    for (const track of this.#tracks.values()) {
      if (track.length < this.#minLength) continue;
      lengths.set(track.key, track.length);
      for (const other of track.together) together.push([track.key, other]);
      for (const { ref, frame, time, quality, box } of track.probes) {
        observations.push({ trackKey: track.key, frameKey: `${track.stream}/${frame}`, frame, time, quality, box });
        refs.push(ref);
        from = from === null ? time : Math.min(from, time);
        to = to === null ? time : Math.max(to, time);
      }
    }
    const set = buildLearningSet(observations, { ...options, minLength: this.#minLength, lengths, together });
    return { set, refs, from, to };
  }

  #track(stream: string, trackId: number): HeldTrack<Ref> {
    const key = TrackStore.trackKey(stream, trackId);
    let track = this.#tracks.get(key);
    if (!track) {
      track = { key, stream, length: 0, ended: false, stride: 1, lastTime: 0, probes: [], together: new Set() };
      this.#tracks.set(key, track);
    }
    return track;
  }

  #thin(track: HeldTrack<Ref>): Ref[] {
    track.stride *= 2;
    const released = track.probes.filter((p) => !isKept(p.frame, track.stride));
    track.probes = track.probes.filter((p) => isKept(p.frame, track.stride));
    this.#count -= released.length;
    return released.map((p) => p.ref);
  }

  #end(key: string): Ref[] {
    const track = this.#tracks.get(key);
    if (!track) return [];
    track.ended = true;
    return track.length < this.#minLength || track.probes.length === 0 ? this.#drop(key) : [];
  }

  #evictOldest(): Ref[] {
    let oldest: HeldTrack<Ref> | null = null;
    for (const track of this.#tracks.values()) {
      const better = oldest === null || (track.ended !== oldest.ended ? track.ended : track.lastTime < oldest.lastTime);
      if (track.probes.length > 0 && better) oldest = track;
    }
    return oldest ? this.#drop(oldest.key) : [];
  }

  #drop(key: string): Ref[] {
    const track = this.#tracks.get(key);
    if (!track) return [];
    this.#tracks.delete(key);
    for (const other of track.together) this.#tracks.get(other)?.together.delete(key);
    this.#count -= track.probes.length;
    return track.probes.map((p) => p.ref);
  }
}

/**
 * Whether a track thinned to one frame in `stride` keeps this one; what a larger stride keeps, a smaller one keeps as well. By a hash of
 * the index, as cameras pass on every n-th frame: multiples of a stride might be all of them, or none.
 */
function isKept(frame: number, stride: number): boolean {
  let hash = frame ^ (frame >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & (stride - 1)) === 0;
}
