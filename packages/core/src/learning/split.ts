import { type LearningSet, subset } from './learning-set.ts';

export interface LearningSplit {
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
  /** Tracks on the far side of this moment are held out; null when nothing was. */
  readonly time: number | null;
}

/**
 * Holds out the tracks at one end of the recording, so many that they carry about `share` of the probes. A track is
 * entirely on one side, or its neighbouring frames, almost copies, would leak the answer.
 *
 * `oldest` (default) holds out the tracks that ended first: the people who are here now are those who will be seen next,
 * so the freshest tracks should train. `latest` holds out the tracks that began last.
 */
export function splitByTime(set: LearningSet, share = 0.2, side: 'oldest' | 'latest' = 'oldest'): LearningSplit {
  const end = (probes: readonly number[]) => set.probes[probes[side === 'oldest' ? probes.length - 1 : 0]!]!.time;
  const edges = set.tracks.map((t) => end(t.probes));
  const isHeld = (index: number, time: number) => (side === 'oldest' ? edges[index]! <= time : edges[index]! >= time);
  const total = set.probes.length;
  let best: { time: number; error: number } | null = null;
  for (const time of new Set(edges)) {
    const held = set.tracks.reduce((n, t, i) => n + (isHeld(i, time) ? t.probes.length : 0), 0);
    const error = Math.abs(held / total - share);
    // Never everything: a model cannot be trained on nothing.
    if (held < total && (best === null || error < best.error)) best = { time, error };
  }
  if (best === null || share <= 0) return { training: set, heldOut: subset(set, () => false), time: null };
  const { time } = best;
  return {
    training: subset(set, (_, i) => !isHeld(i, time)),
    heldOut: subset(set, (_, i) => isHeld(i, time)),
    time,
  };
}
