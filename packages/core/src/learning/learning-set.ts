import type { Box } from '../geometry.ts';
import { TRACK_MIN_LENGTH } from '../tracking/tracker.ts';

/** One probe as it was seen, with names that are unique over all cameras and restarts of a scenario. */
export interface ProbeObservation {
  /** For example `camera/session/track`. */
  readonly trackKey: string;
  /** For example `camera/session/frame`: probes with one frame key were seen together. */
  readonly frameKey: string;
  /** Frame index within its camera session. */
  readonly frame: number;
  /** Milliseconds; only the order matters. */
  readonly time: number;
  /** 0..1 */
  readonly quality: number;
  readonly box: Box;
}

/** A probe of a kept track. */
export interface LearningProbe {
  /** Position of its track in `LearningSet.tracks`. */
  readonly track: number;
  /** Number of its frame: equal for probes that were seen together. */
  readonly moment: number;
  readonly frame: number;
  readonly time: number;
  readonly quality: number;
  readonly box: Box;
  /** Where its features lie in the `FeatureBank`: the position of the observation it came from. */
  readonly row: number;
}

export interface LearningTrack {
  readonly key: string;
  /** Positions in `LearningSet.probes`, by time. */
  readonly probes: readonly number[];
  /** Tracks that shared a frame with this one, so certainly another person; ascending. */
  readonly strangers: readonly number[];
}

/** Camera and session of a track: what precedes its number in the key. */
export function streamOf(trackKey: string): string {
  return trackKey.slice(0, Math.max(0, trackKey.lastIndexOf('/')));
}

/** Kept tracks and their probes: all that learning without labels knows. */
export interface LearningSet {
  readonly probes: readonly LearningProbe[];
  readonly tracks: readonly LearningTrack[];
}

export interface LearningSetOptions {
  /** Least length of a track in frames, default 10 (section 4.1). */
  readonly minLength?: number;
  /** Probes below this quality are left out; a track's length still counts them. */
  readonly minQuality?: number;
  /** Lengths of tracks of which only some probes were kept, by key; else the number of observations. */
  readonly lengths?: ReadonlyMap<string, number>;
  /** Pairs of tracks known to have shared a frame, beyond what the observations show. */
  readonly together?: Iterable<readonly [string, string]>;
}

/** Keeps the probes of tracks that are long enough and notes which tracks were seen together. */
export function buildLearningSet(
  observations: readonly ProbeObservation[],
  options: LearningSetOptions = {},
): LearningSet {
  const { minLength = TRACK_MIN_LENGTH, minQuality = 0 } = options;
  const rowsOfTrack = groupBy(observations, (o) => o.trackKey);
  const kept = [...rowsOfTrack]
    .filter(([key, rows]) => (options.lengths?.get(key) ?? rows.length) >= minLength)
    .map(([key, rows]) => ({ key, rows: rows.filter((row) => observations[row]!.quality >= minQuality) }))
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => observations[a.rows[0]!]!.time - observations[b.rows[0]!]!.time || (a.key < b.key ? -1 : 1));

  const strangers = strangersOf(
    kept.map((t) => t.key),
    observations,
    options.together ?? [],
  );
  const moments = new Map<string, number>();
  const probes: LearningProbe[] = [];
  const tracks = kept.map(({ key, rows }, track): LearningTrack => {
    const ordered = [...rows].sort((a, b) => observations[a]!.time - observations[b]!.time || a - b);
    const positions = ordered.map((row) => {
      const { frameKey, frame, time, quality, box } = observations[row]!;
      if (!moments.has(frameKey)) moments.set(frameKey, moments.size);
      return probes.push({ track, moment: moments.get(frameKey)!, frame, time, quality, box, row }) - 1;
    });
    return { key, probes: positions, strangers: strangers[track]! };
  });
  return { probes, tracks };
}

/** The part of a set whose tracks `keep` accepts; rows in the feature bank stay as they are. */
export function subset(set: LearningSet, keep: (track: LearningTrack, index: number) => boolean): LearningSet {
  return regroup(
    set,
    set.tracks.flatMap((track, from) => (keep(track, from) ? [{ key: track.key, probes: track.probes, from }] : [])),
  );
}

/**
 * New tracks made of a set's probes, each out of one old track `from`. A part that is not the whole of its old track is a
 * stranger only to those it visibly shares a frame with: where one person ends and the next begins, the rest is not known.
 */
export function regroup(
  set: LearningSet,
  parts: readonly { readonly key: string; readonly probes: readonly number[]; readonly from: number }[],
): LearningSet {
  const whole = parts.map(({ probes, from }) => probes.length === set.tracks[from]!.probes.length);
  const momentsOf = parts.map((part) => new Set(part.probes.map((p) => set.probes[p]!.moment)));
  const successors = groupBy(parts, (part) => part.from);
  const meet = (i: number, j: number) =>
    (whole[i] && whole[j]) || [...momentsOf[i]!].some((moment) => momentsOf[j]!.has(moment));
  const probes: LearningProbe[] = [];
  const tracks = parts.map(
    ({ key, probes: old, from }, track): LearningTrack => ({
      key,
      probes: old.map((p) => probes.push({ ...set.probes[p]!, track }) - 1),
      strangers: set.tracks[from]!.strangers.flatMap((s) => successors.get(s) ?? [])
        .filter((other) => meet(track, other))
        .sort((a, b) => a - b),
    }),
  );
  return { probes, tracks };
}

/** Positions of the items that share a key, in order of first appearance. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  return groups;
}

function strangersOf(
  keys: readonly string[],
  observations: readonly ProbeObservation[],
  together: Iterable<readonly [string, string]>,
): number[][] {
  const index = new Map(keys.map((key, i) => [key, i]));
  const sets = keys.map(() => new Set<number>());
  const note = (a: string, b: string) => {
    const i = index.get(a);
    const j = index.get(b);
    if (i === undefined || j === undefined || i === j) return;
    sets[i]!.add(j);
    sets[j]!.add(i);
  };
  for (const rows of groupBy(observations, (o) => o.frameKey).values()) {
    for (let i = 0; i < rows.length; i++) {
      for (let j = i + 1; j < rows.length; j++)
        note(observations[rows[i]!]!.trackKey, observations[rows[j]!]!.trackKey);
    }
  }
  for (const [a, b] of together) note(a, b);
  return sets.map((s) => [...s].sort((a, b) => a - b));
}
