import { type LearningSet, subset } from './learning-set.ts';

export interface LearningSplit {
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
  /** Tracks that began before this time train; null when nothing was held out. */
  readonly time: number | null;
}

/**
 * Holds out the latest tracks: those that begin at or after a moment chosen so that they carry about `share` of the
 * probes. Splitting by time asks what matters, whether the model gets better on what comes next; and a track is entirely
 * on one side, or its neighbouring frames, almost copies, would leak the answer.
 */
export function splitByTime(set: LearningSet, share = 0.2): LearningSplit {
  const starts = set.tracks.map((t) => set.probes[t.probes[0]!]!.time);
  const total = set.probes.length;
  let best: { time: number; error: number } | null = null;
  for (const time of new Set(starts)) {
    const held = set.tracks.reduce((n, t, i) => n + (starts[i]! >= time ? t.probes.length : 0), 0);
    const error = Math.abs(held / total - share);
    // Never everything: a model cannot be trained on nothing.
    if (held < total && (best === null || error < best.error)) best = { time, error };
  }
  if (best === null || share <= 0) return { training: set, heldOut: subset(set, () => false), time: null };
  const { time } = best;
  return {
    training: subset(set, (_, i) => starts[i]! < time),
    heldOut: subset(set, (_, i) => starts[i]! >= time),
    time,
  };
}
