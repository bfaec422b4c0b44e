import type { LabelFreeScoreReport } from '../agents/report.ts';
import { compareLive, describeGain, type LiveComparisonInput, percent } from './live-score.ts';
import { allFinite } from './weights.ts';

export interface WatchPolicy {
  /** Genuine and impostor pairs needed of the tracks seen since the promotion. Default 100. */
  readonly minPairs?: number;
  /** Loss of accuracy against the parent that is bearable, 0..1. Default 0.003. */
  readonly tolerance?: number;
  /** Tracks after which the champion has proved itself and the watch ends. Default 300. */
  readonly maxTracks?: number;
  /** Of the interval; wider than the gate's, because the watch looks again and again. Default 0.99. */
  readonly confidence?: number;
}

export interface WatchInput extends Omit<LiveComparisonInput, 'before' | 'after'> {
  /** Tracks that began after the promotion, and their embeddings under the parent (kept warm) and the champion. */
  readonly parent: Float32Array;
  readonly champion: Float32Array;
  /** Tracks since the promotion with those that are no longer kept. Default: those of `set`. */
  readonly seen?: number;
  readonly policy?: WatchPolicy;
}

export interface WatchVerdict {
  /** `watch`: nothing speaks against the champion so far. `keep`: it has proved itself. `roll-back`: the parent is better. */
  readonly decision: 'watch' | 'keep' | 'roll-back';
  /** In words with the numbers, for people. */
  readonly reason: string;
  readonly tracks: number;
  readonly parent: LabelFreeScoreReport | null;
  readonly champion: LabelFreeScoreReport | null;
  /** Of the champion over its parent. */
  readonly gain: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

/**
 * The champion against its parent on tracks seen since the promotion: what won on yesterday's people may lose on today's.
 * It goes back when the loss is beyond the tolerance and beyond chance, or when enough tracks show a loss on average. One
 * bad hour is not enough: the interval is resampled over tracks, not over their many similar pairs.
 */
export function judgeWatch(input: WatchInput): WatchVerdict {
  const { minPairs = 100, tolerance = 0.003, maxTracks = 300, confidence = 0.99 } = input.policy ?? {};
  const judged = input.set.tracks.length;
  const tracks = Math.max(judged, input.seen ?? 0);
  const finite = allFinite(input.champion);
  const score = { ...input.score, confidence };
  const live = finite ? compareLive({ ...input, score, before: input.parent, after: input.champion }, minPairs) : null;
  const verdict = (decision: WatchVerdict['decision'], reason: string): WatchVerdict => ({
    decision,
    reason,
    tracks,
    parent: live?.before ?? null,
    champion: live?.after ?? null,
    gain: live && { mean: live.accuracy.value, low: live.accuracy.low, high: live.accuracy.high },
  });
  if (!finite) return verdict('roll-back', 'Rolled back: the champion’s embeddings of live probes are not numbers.');
  if (live === null) {
    return verdict(
      'watch',
      `Watching: ${tracks} tracks since the promotion do not hold ${minPairs} pairs of each kind.`,
    );
  }
  const newest = judged < tracks ? `the newest ${judged} of ` : '';
  const figures = `on ${newest}${tracks} tracks since the promotion accuracy is ${percent(live.before.accuracy)} under the parent and ${percent(live.after.accuracy)} under the champion, a gain of ${describeGain(live.accuracy, confidence)}`;
  if (live.accuracy.high < -tolerance) return verdict('roll-back', `Rolled back: ${figures}.`);
  if (tracks < maxTracks) return verdict('watch', `Watching: ${figures}.`);
  if (live.accuracy.value < -tolerance) return verdict('roll-back', `Rolled back after a full watch: ${figures}.`);
  return verdict('keep', `Proved in service: ${figures}.`);
}
