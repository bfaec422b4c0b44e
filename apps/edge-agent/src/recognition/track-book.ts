import {
  type Box,
  type DecisionPolicy,
  type DecisionProbe,
  decideTrack,
  type Learner,
  type ProbeMeta,
  type RgbImage,
  type TrackDecision,
} from '@saface/core';
import type { ServingSet } from './serving.ts';

/** Probes that speak for a track in a decision; more would only add worse ones. */
export const BEST_PROBES = 5;

export interface SeenProbe {
  readonly meta: ProbeMeta;
  readonly crop: RgbImage;
  /** Under the learner of the set it is decided with; null while nothing is served. */
  readonly embedding: Float32Array | null;
}

/** A decision with what it was made by. */
export interface Verdict {
  readonly decision: Exclude<TrackDecision, { kind: 'undecided' }>;
  readonly versionId: string;
  readonly threshold: number;
}

/** What is known of one track of one camera session. */
export interface TrackState {
  readonly trackId: number;
  firstSeen: number;
  lastSeen: number;
  lastFrame: number;
  probes: number;
  quality: number;
  box: Box;
  bestCrop: RgbImage | null;
  verdict: Verdict | null;
  /** Best probes under `learner`. */
  evidence: DecisionProbe[];
  learner: Learner | null;
  /** The set of the last decision; another one asks the question again. */
  set: ServingSet | null;
}

export interface FrameUpdate {
  readonly time: number;
  readonly frameIndex: number;
  readonly probes: readonly SeenProbe[];
  readonly set: ServingSet | null;
  readonly policy: DecisionPolicy;
}

/** The tracks of one camera session: gathers the best probes of each and decides who it is (section 2, open set). */
export class TrackBook {
  readonly #tracks = new Map<number, TrackState>();

  get size(): number {
    return this.#tracks.size;
  }

  get(trackId: number): TrackState | null {
    return this.#tracks.get(trackId) ?? null;
  }

  all(): TrackState[] {
    return [...this.#tracks.values()];
  }

  /** Takes the probes of one frame; returns the tracks they belong to, decided anew where there was something new. */
  update(frame: FrameUpdate): TrackState[] {
    return frame.probes.map((probe) => {
      const track = this.#see(probe, frame);
      const learned = this.#addEvidence(track, probe, frame);
      if (frame.set && (learned || track.set !== frame.set)) decide(track, frame.set, frame.policy);
      return track;
    });
  }

  /** Takes the track out of the book. */
  end(trackId: number): TrackState | null {
    const track = this.#tracks.get(trackId) ?? null;
    this.#tracks.delete(trackId);
    return track;
  }

  /** Takes the tracks that were unseen longest out of the book until `most` are left. */
  endBeyond(most: number): TrackState[] {
    if (this.#tracks.size <= most) return [];
    const oldest = this.all().sort((a, b) => a.lastFrame - b.lastFrame);
    return oldest.slice(0, this.#tracks.size - most).flatMap(({ trackId }) => this.end(trackId) ?? []);
  }

  #see({ meta, crop }: SeenProbe, { time, frameIndex }: FrameUpdate): TrackState {
    let track = this.#tracks.get(meta.trackId);
    if (!track) {
      track = {
        trackId: meta.trackId,
        firstSeen: time,
        lastSeen: time,
        lastFrame: frameIndex,
        probes: 0,
        quality: 0,
        box: meta.box,
        bestCrop: null,
        verdict: null,
        evidence: [],
        learner: null,
        set: null,
      };
      this.#tracks.set(meta.trackId, track);
    }
    track.lastSeen = Math.max(track.lastSeen, time);
    track.lastFrame = Math.max(track.lastFrame, frameIndex);
    track.probes += 1;
    track.box = meta.box;
    if (track.bestCrop === null || meta.quality > track.quality) {
      track.quality = meta.quality;
      track.bestCrop = crop;
    }
    return track;
  }

  /** True when the probe is one of the track's best. */
  #addEvidence(track: TrackState, probe: SeenProbe, { set, policy }: FrameUpdate): boolean {
    if (!set || !probe.embedding) return false;
    // Embeddings of two learners live in different spaces: a new learner starts from nothing, the old verdict stands until it has decided.
    if (track.learner !== set.learner) {
      track.learner = set.learner;
      track.evidence = [];
    }
    if (probe.meta.quality < policy.minQuality) return false;
    const limit = Math.max(BEST_PROBES, policy.minProbes);
    const entry = { embedding: probe.embedding, quality: probe.meta.quality };
    track.evidence.push(entry);
    track.evidence.sort((a, b) => b.quality - a.quality);
    const dropped = track.evidence.length > limit ? track.evidence.pop() : undefined;
    return dropped !== entry;
  }
}

function decide(track: TrackState, set: ServingSet, policy: DecisionPolicy): void {
  const { threshold } = set;
  const decision = decideTrack(track.evidence, set.gallery, { ...policy, threshold, bestProbes: BEST_PROBES });
  track.set = set;
  if (decision.kind !== 'undecided') track.verdict = { decision, versionId: set.versionId, threshold };
}
