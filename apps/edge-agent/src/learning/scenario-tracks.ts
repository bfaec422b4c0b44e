import type { Logger } from '@saface/agent-kit';
import { describeError, type LearningSet, TRACK_MIN_LENGTH, TrackStore, toHalf } from '@saface/core';
import { sampleSizeOf } from '../recognition/models.ts';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import type { ErasedPeople } from './erased-people.ts';
import { isTooOld } from './kept-for.ts';
import { thumbnail } from './thumbnail.ts';
import type { HeldProbe, TrackFiles } from './track-files.ts';

export interface TrackLimits {
  /** Most probes kept. */
  readonly maxProbes: number;
  /** Probes below are kept, but neither counted nor learnt from. */
  readonly minQuality: number;
}

export interface ScenarioTracksOptions {
  readonly files: TrackFiles;
  readonly limits: TrackLimits;
  /** Nothing is kept of tracks that are recognised as one of them. */
  readonly erased: Pick<ErasedPeople, 'has' | 'loaded'>;
  readonly log: Logger;
}

export interface TracksSnapshot {
  readonly set: LearningSet;
  /** By `LearningProbe.row`. */
  readonly probes: readonly HeldProbe[];
  /** Key of the base model whose features these are. */
  readonly base: string;
  readonly from: number;
  readonly to: number;
  /** Who the tracks were recognised as. */
  readonly identityIds: readonly string[];
}

interface Look {
  readonly set: LearningSet;
  readonly at: number;
  readonly triplets: number;
  readonly cachedProbes: number;
  readonly cachedBytes: number;
}

/** Milliseconds for which a look at the whole store is good enough: with thousands of probes it is not for every second. */
const LOOK = 5000;

/**
 * The track store of a scenario with the features that inference computed (extract once). Ended tracks go to disk, sealed; what the store
 * lets go is deleted there too.
 */
export class ScenarioTracks {
  readonly #options: ScenarioTracksOptions;
  #store: TrackStore<HeldProbe>;
  #limits: TrackLimits;
  readonly #held = new Map<string, Set<HeldProbe>>();
  readonly #identities = new Map<string, string>();
  readonly #saved = new Set<string>();
  #base: string | null = null;
  #changed = true;
  #look: Look | null = null;
  #writes: Promise<void> = Promise.resolve();
  #restored: Promise<void> = Promise.resolve();
  #restoring = false;
  /** Counts how often everything was let go: what was being read then must not come back. */
  #cleared = 0;

  constructor(options: ScenarioTracksOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#store = newStore(options.limits);
  }

  /** Takes up what an earlier process has left. */
  restore(): Promise<void> {
    this.#restoring = true;
    this.#restored = this.#restore().finally(() => {
      this.#restoring = false;
    });
    return this.#restored;
  }

  /** False while what an earlier process left is still being read: it would look new as it comes. */
  get isComplete(): boolean {
    return !this.#restoring;
  }

  limit(limits: TrackLimits): void {
    const { maxProbes, minQuality } = this.#limits;
    this.#limits = limits;
    if (limits.minQuality !== minQuality) this.#look = null;
    if (limits.maxProbes === maxProbes) return;
    const probes = [...this.#held.values()].flatMap((set) => [...set]);
    this.#store = newStore(limits);
    this.#held.clear();
    this.#refill(probes);
  }

  observe(frame: RecognisedFrame, base: string): void {
    if (this.#base !== null && this.#base !== base) this.clear();
    this.#base = base;
    const { message, crops, features, tracks } = frame;
    const stream = streamOf(frame.cameraId, message.sessionId);
    const size = sampleSizeOf(frame.base.extractor.featureShape);
    if (message.probes.length === 0) return;
    // A camera whose clock is ahead must not make probes of tomorrow: until then nothing else would be new.
    const arrived = Date.now();
    const time = Math.min(message.time, arrived);
    // Also those of low quality: they count for a track's length, and the snapshot leaves them out.
    const probes = message.probes.flatMap(({ trackId, quality, box }, i) => {
      const trackKey = TrackStore.trackKey(stream, trackId);
      const decision = tracks[i]?.verdict?.decision;
      if (decision?.kind === 'recognised') {
        // The gallery that names an erased person is in use until the next one is ready.
        if (this.#options.erased.has(decision.identityId)) {
          this.#drop(trackKey);
          return [];
        }
        this.#identities.set(trackKey, decision.identityId);
      }
      const held: HeldProbe = {
        trackKey,
        stream,
        trackId,
        frame: message.frameIndex,
        time,
        arrived,
        quality,
        box,
        features: toHalf(features.subarray(i * size, (i + 1) * size)),
        picture: thumbnail(crops[i]!),
      };
      this.#hold(held);
      return [{ trackId, quality, box, ref: held }];
    });
    this.#release(this.#store.addFrame({ stream, frame: message.frameIndex, time, probes }));
    this.#changed = true;
  }

  endTracks(stream: string, trackIds: readonly number[]): void {
    this.#release(this.#store.endTracks(stream, trackIds));
    for (const trackId of trackIds) this.#save(TrackStore.trackKey(stream, trackId));
    this.#changed = true;
  }

  endStream(stream: string): void {
    this.#release(this.#store.endStream(stream));
    // Tracks that ended before are on disk as they are.
    for (const key of this.#held.keys()) if (key.startsWith(`${stream}/`) && !this.#saved.has(key)) this.#save(key);
    this.#changed = true;
  }

  /** Forgets all tracks that were recognised as this person, those still on disk among them; returns how many. */
  async forget(identityId: string): Promise<number> {
    await this.#restored.catch(() => undefined);
    const keys = [...this.#identities].flatMap(([key, id]) => (id === identityId ? [key] : []));
    for (const key of keys) this.#drop(key);
    await this.flush();
    return keys.length;
  }

  /** Lets go of tracks that are too old by either clock: a camera that sees few people would keep their faces for years. */
  forgetOld(now: Date): void {
    for (const [key, probes] of this.#held) {
      let [seen, arrived] = [0, 0];
      for (const probe of probes) {
        seen = Math.max(seen, probe.time);
        arrived = Math.max(arrived, probe.arrived);
      }
      if (isTooOld(seen, now) || isTooOld(arrived, now)) this.#drop(key);
    }
  }

  clear(): void {
    this.#cleared += 1;
    this.#store = newStore(this.#limits);
    this.#held.clear();
    this.#identities.clear();
    this.#saved.clear();
    this.#base = null;
    this.#look = null;
    void this.#enqueue(() => this.#options.files.clear());
  }

  /** Kept tracks, and the triplets that Algorithm 1 would make of them; a few seconds old. */
  counts(): { readonly tracks: number; readonly triplets: number } {
    const { set, triplets } = this.#recent();
    return { tracks: set.tracks.length, triplets };
  }

  /** Triplets whose anchor was seen after `time`; a few seconds old. */
  newTriplets(time: number): number {
    return countTriplets(this.#recent().set, time);
  }

  /** What could be learnt from; a few seconds old. */
  recentSet(): LearningSet {
    return this.#recent().set;
  }

  snapshot(): TracksSnapshot | null {
    const { set, refs, from, to } = this.#store.snapshot({ minQuality: this.#limits.minQuality });
    if (this.#base === null || from === null || to === null) return null;
    const identityIds = new Set(set.tracks.flatMap(({ key }) => this.#identities.get(key) ?? []));
    return { set, probes: refs, base: this.#base, from, to, identityIds: [...identityIds] };
  }

  /** What is kept for learning, in probes and in bytes of their half-float features and small pictures; a few seconds old. */
  cache(): { readonly cachedProbes: number; readonly cachedBytes: number } {
    const { cachedProbes, cachedBytes } = this.#recent();
    return { cachedProbes, cachedBytes };
  }

  /** Tracks seen so far, long or short, ended or not. */
  keys(): Set<string> {
    return new Set(this.#held.keys());
  }

  /** Resolves when what has ended is on disk. */
  async flush(): Promise<void> {
    await this.#writes;
  }

  #recent() {
    const stale = this.#look === null || (this.#changed && performance.now() - this.#look.at > LOOK);
    if (stale) {
      const { set } = this.#store.snapshot({ minQuality: this.#limits.minQuality });
      this.#look = { set, at: performance.now(), triplets: countTriplets(set), ...this.#sizes() };
      this.#changed = false;
    }
    return this.#look!;
  }

  #sizes() {
    let cachedProbes = 0;
    let cachedBytes = 0;
    for (const probes of this.#held.values()) {
      cachedProbes += probes.size;
      for (const { features, picture } of probes) cachedBytes += features.byteLength + picture.data.byteLength;
    }
    return { cachedProbes, cachedBytes };
  }

  #refill(probes: readonly HeldProbe[]): void {
    const frames = new Map<string, HeldProbe[]>();
    for (const probe of probes) {
      this.#hold(probe);
      const key = `${probe.stream}/${probe.frame}`;
      const frame = frames.get(key);
      if (frame) frame.push(probe);
      else frames.set(key, [probe]);
    }
    const ordered = [...frames.values()].sort((a, b) => a[0]!.time - b[0]!.time || a[0]!.frame - b[0]!.frame);
    for (const frame of ordered) {
      const { stream, frame: index, time } = frame[0]!;
      this.#release(
        this.#store.addFrame({ stream, frame: index, time, probes: frame.map((ref) => ({ ...ref, ref })) }),
      );
    }
    for (const stream of new Set(probes.map((probe) => probe.stream))) this.#release(this.#store.endStream(stream));
    this.#changed = true;
  }

  async #restore(): Promise<void> {
    const { files, erased, log } = this.#options;
    await erased.loaded;
    const cleared = this.#cleared;
    const probes: HeldProbe[] = [];
    const skipped = (error: unknown) => log.error({ error: describeError(error) }, 'a stored track cannot be read now');
    for await (const track of files.readAll(skipped)) {
      if (this.#cleared !== cleared) return;
      // Tracks of another base model were let go when it changed; a left-over is one that a crash saved from that.
      this.#base ??= track.base;
      if (track.base !== this.#base) continue;
      const key = track.probes[0]?.trackKey;
      if (key === undefined) continue;
      if (track.identityId !== null && erased.has(track.identityId)) {
        await files.remove(key);
        continue;
      }
      probes.push(...track.probes);
      this.#saved.add(key);
      if (track.identityId) this.#identities.set(key, track.identityId);
    }
    if (this.#cleared !== cleared) return;
    this.#refill(probes);
    if (probes.length > 0) log.info({ probes: probes.length }, 'took up stored tracks');
  }

  /** In memory at once, on disk in its turn. */
  #drop(trackKey: string): void {
    this.#identities.delete(trackKey);
    this.#release(this.#store.remove(trackKey));
    this.#changed = true;
  }

  #hold(probe: HeldProbe): void {
    const held = this.#held.get(probe.trackKey);
    if (held) held.add(probe);
    else this.#held.set(probe.trackKey, new Set([probe]));
  }

  #release(probes: readonly HeldProbe[]): void {
    for (const probe of probes) {
      const held = this.#held.get(probe.trackKey);
      if (!held?.delete(probe) || held.size > 0) continue;
      this.#held.delete(probe.trackKey);
      this.#identities.delete(probe.trackKey);
      if (this.#saved.delete(probe.trackKey)) void this.#enqueue(() => this.#options.files.remove(probe.trackKey));
    }
  }

  #save(trackKey: string): void {
    const held = this.#held.get(trackKey);
    const base = this.#base;
    if (!held || base === null || held.size < TRACK_MIN_LENGTH) return;
    this.#saved.add(trackKey);
    const track = { base, identityId: this.#identities.get(trackKey) ?? null, probes: [...held] };
    void this.#enqueue(async () => {
      if (!this.#saved.has(trackKey)) return;
      try {
        await this.#options.files.write(trackKey, track);
      } catch (error) {
        // The end of its stream tries again.
        this.#saved.delete(trackKey);
        throw error;
      }
    });
  }

  #enqueue(action: () => Promise<void>): Promise<void> {
    this.#writes = this.#writes.then(action).catch((error: unknown) => {
      this.#options.log.error({ error: describeError(error) }, 'a track could not be stored');
    });
    return this.#writes;
  }
}

export const streamOf = (cameraId: string, sessionId: string): string => `${cameraId}/${sessionId}`;

function newStore({ maxProbes }: TrackLimits): TrackStore<HeldProbe> {
  return new TrackStore({ maxProbes });
}

/** Anchors for which there is another probe of the track and a probe of somebody seen beside it. */
export function countTriplets(set: LearningSet, after = Number.NEGATIVE_INFINITY): number {
  let count = 0;
  for (const track of set.tracks) {
    if (track.probes.length < 2 || track.strangers.length === 0) continue;
    for (const probe of track.probes) if (set.probes[probe]!.time > after) count += 1;
  }
  return count;
}
