import { embeddingDistance } from '../recognition/gallery.ts';
import { type LearningSet, type LearningTrack, regroup, subset } from './learning-set.ts';
import type { LeftOut } from './left-out.ts';
import { type DistanceScale, type Embedded, meanEmbedding, quantile, WINDOW } from './track-distances.ts';

/** What is left to learn from, and what is not. */
export interface Cleaned {
  readonly set: LearningSet;
  readonly leftOut: readonly LeftOut[];
}

export interface StaticOptions {
  /** Tracks shorter than this many probes are never called static. Default 50. */
  readonly minProbes?: number;
  /** Largest standard deviation of the box centre, as a share of the box width. Default 0.03. */
  readonly maxJitter?: number;
}

/**
 * Leaves out faces that never move: posters, screens and statues. They would be the same easy anchor hundreds of times.
 * A person who stands still sways by more than a few hundredths of the face's width.
 */
export function withoutStaticTracks(set: LearningSet, options: StaticOptions = {}): Cleaned {
  const leftOut: LeftOut[] = [];
  const moving = subset(set, (track) => {
    const sway = stillness(set, track, options);
    if (sway === null) return true;
    const share = (sway * 100).toFixed(1);
    leftOut.push({
      trackKey: track.key,
      reason: 'static',
      detail: `never moves: its box sways by ${share} % of its width over ${track.probes.length} probes`,
    });
    return false;
  });
  return { set: moving, leftOut };
}

/** How far a static track sways, in widths of its box; null when it moves as people do. */
function stillness(set: LearningSet, track: LearningTrack, options: StaticOptions): number | null {
  const { minProbes = 50, maxJitter = 0.03 } = options;
  if (track.probes.length < minProbes) return null;
  const boxes = track.probes.map((p) => set.probes[p]!.box);
  const width = mean(boxes.map((b) => b.width));
  const jitter = Math.max(
    deviation(boxes.map((b) => b.x + b.width / 2)),
    deviation(boxes.map((b) => b.y + b.height / 2)),
  );
  return jitter > maxJitter * width ? null : jitter / width;
}

export interface MirrorOptions {
  /** Frames two tracks must share before they can be called one face. Default 15. */
  readonly minShared?: number;
  /** Share of those frames in which they must be as near as one person mostly is to himself. Default 0.9. */
  readonly minShare?: number;
}

/**
 * Leaves out the copy where one face is in a frame twice, again and again: a mirror, or a poster or screen that shows a
 * person who is there. Sharing a frame would teach that the two are different people. The copy is the one that is smaller on
 * average, or that never moves. Near means as near as three fifths of one person’s far-apart moments.
 */
export function withoutMirrors(
  set: LearningSet,
  of: { readonly embedded: Embedded; readonly scale: DistanceScale },
  options: MirrorOptions & { readonly static?: StaticOptions } = {},
): Cleaned {
  const { minShared = 15, minShare = 0.9 } = options;
  const limit = quantile(of.scale.within, 0.6);
  if (limit === null) return { set, leftOut: [] };
  const copies = new Map<number, LeftOut>();
  set.tracks.forEach((track, t) => {
    for (const s of track.strangers) {
      if (s < t || copies.has(t) || copies.has(s)) continue;
      const { shared, near } = sharedNearness(set, [t, s], { embedded: of.embedded, limit });
      if (shared < minShared || near < minShare * shared) continue;
      const copy = isCopy(set, [t, s], options.static ?? {}) ? t : s;
      const original = copy === t ? s : t;
      copies.set(copy, {
        trackKey: set.tracks[copy]!.key,
        reason: 'mirror',
        detail: `looks like track ${set.tracks[original]!.key} in ${near} of the ${shared} frames that show both: a mirror, a poster or a screen`,
      });
    }
  });
  return { set: subset(set, (_, index) => !copies.has(index)), leftOut: [...copies.values()] };
}

function sharedNearness(
  set: LearningSet,
  [a, b]: readonly [number, number],
  { embedded, limit }: { embedded: Embedded; limit: number },
): { shared: number; near: number } {
  const row = (p: number) => embedded.values.subarray(p * embedded.dimension, (p + 1) * embedded.dimension);
  const byMoment = new Map(set.tracks[a]!.probes.map((p) => [set.probes[p]!.moment, p]));
  let shared = 0;
  let near = 0;
  for (const q of set.tracks[b]!.probes) {
    const p = byMoment.get(set.probes[q]!.moment);
    if (p === undefined) continue;
    shared += 1;
    if (embeddingDistance(row(p), row(q), embedded.metric) <= limit) near += 1;
  }
  return { shared, near };
}

/** Whether the first of two is the copy. */
function isCopy(set: LearningSet, [a, b]: readonly [number, number], options: StaticOptions): boolean {
  const still = (t: number) => stillness(set, set.tracks[t]!, options) !== null;
  if (still(a) !== still(b)) return still(a);
  const width = (t: number) => mean(set.tracks[t]!.probes.map((p) => set.probes[p]!.box.width));
  return width(a) < width(b);
}

export interface JumpOptions {
  /** Least distance between the averages before and after that counts as another person; default: `jumpThreshold`. */
  readonly threshold?: number;
  /** Pieces shorter than this are left out. Default 10 (section 4.1). */
  readonly minLength?: number;
}

/**
 * The distance from which a change inside a track is another person: far beyond the changes between neighbouring moments
 * of this scenario's tracks, and larger than what the nearest tenth of different people are apart. Null when tracks were
 * never seen together, because then nothing tells people apart.
 */
export function jumpThreshold({ neighbours, between }: DistanceScale): number | null {
  const middle = quantile(neighbours, 0.5);
  const tenth = quantile(neighbours, 0.9);
  const people = quantile(between, 0.1);
  if (middle === null || tenth === null || people === null) return null;
  // The spread is read off the nearer nine tenths: the jumps that are looked for lie in the rest.
  return Math.max(middle + 3 * (tenth - middle), people);
}

/**
 * Cuts tracks where the face suddenly becomes another: a tracker that slid from one person to the next as they crossed
 * would otherwise teach that two people are one. The pieces get no relation to each other, as none is known.
 */
export function splitAtJumps(
  set: LearningSet,
  of: { readonly embedded: Embedded; readonly scale: DistanceScale },
  options: JumpOptions = {},
): Cleaned {
  const { minLength = 10 } = options;
  const threshold = options.threshold ?? jumpThreshold(of.scale);
  if (threshold === null) return { set, leftOut: [] };
  const leftOut: LeftOut[] = [];
  const parts = set.tracks.flatMap((track, from) => {
    const jumps = findJumps(track.probes, of.embedded, threshold);
    if (jumps.length === 0) return [{ key: track.key, probes: track.probes, from }];
    const largest = Math.max(...jumps.map(({ size }) => size));
    leftOut.push({
      trackKey: track.key,
      reason: 'jump',
      detail: `cut in ${jumps.length + 1}: the face changes by ${largest.toFixed(2)}, and from ${threshold.toFixed(2)} it is somebody else`,
    });
    const bounds = [0, ...jumps.map(({ at }) => at), track.probes.length];
    return bounds
      .slice(1)
      .map((end, i) => ({ key: `${track.key}#${i}`, probes: track.probes.slice(bounds[i]!, end), from }))
      .filter((piece) => piece.probes.length >= minLength);
  });
  return { set: leftOut.length > 0 ? regroup(set, parts) : set, leftOut };
}

interface Jump {
  /** Position within the track where the new piece begins. */
  readonly at: number;
  readonly size: number;
}

/** Jumps in order, each at its steepest point. */
function findJumps(probes: readonly number[], embedded: Embedded, threshold: number): Jump[] {
  const jumps: Jump[] = [];
  for (let at = WINDOW; at + WINDOW <= probes.length; at++) {
    const before = meanEmbedding(probes.slice(at - WINDOW, at), embedded);
    const after = meanEmbedding(probes.slice(at, at + WINDOW), embedded);
    const size = embeddingDistance(before, after, embedded.metric);
    if (size > threshold) jumps.push({ at, size });
  }
  // One change of person raises several neighbouring positions; only the highest is the cut.
  const cuts: Jump[] = [];
  for (const jump of jumps.sort((a, b) => b.size - a.size)) {
    if (cuts.every((cut) => Math.abs(cut.at - jump.at) >= WINDOW)) cuts.push(jump);
  }
  return cuts.sort((a, b) => a.at - b.at);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
}
