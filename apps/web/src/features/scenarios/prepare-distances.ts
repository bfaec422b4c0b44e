import { judgeDistances } from '@saface/core/recognition/decision';

/** How far the nearest of the enrolled was from a track, and the second; null = only one is enrolled. */
export interface TrackDistances {
  nearest: number;
  second: number | null;
}

export interface DistanceBin {
  /** Distances from here up to the next bin. */
  from: number;
  /** Tracks whose nearest, and whose second person was that far. */
  nearest: number;
  second: number;
}

/** Finest step of a threshold that anybody would set by hand, as a share of the scale. */
const STEPS = 200;
const BINS = 40;

/**
 * Tracks counted by distance, from 0 to where all but the farthest hundredth and `threshold` with some room lie. A last empty bin ends the
 * outline on the axis.
 */
export function prepareDistances(
  tracks: readonly TrackDistances[],
  threshold: number,
): { to: number; step: number; bins: DistanceBin[] } {
  const all = tracks.flatMap(({ nearest, second }) => (second === null ? [nearest] : [nearest, second]));
  const sorted = all.sort((a, b) => a - b);
  const far = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0;
  const step = niceStep(Math.max(far, threshold * 1.25) / STEPS);
  const to = step * STEPS;
  const width = to / BINS;
  const bins = Array.from({ length: BINS + 1 }, (_, i) => ({ from: i * width, nearest: 0, second: 0 }));
  const binOf = (distance: number) => bins[Math.min(BINS - 1, Math.max(0, Math.floor(distance / width)))];
  for (const { nearest, second } of tracks) {
    binOf(nearest).nearest += 1;
    if (second !== null) binOf(second).second += 1;
  }
  return { to, step, bins };
}

/** The smallest round number (few digits, of a scale that divides well) that is not below `least`; 0.005 where nothing was measured. */
function niceStep(least: number): number {
  if (!(least > 0)) return 0.005;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

/** What a threshold makes of tracks, as shares of them. */
export interface ThresholdShares {
  /** Given a name. */
  named: number;
  /** Near enough, but so is a second person. */
  ambiguous: number;
  /** Tracks with a second person, and how many of these have that one, who is somebody else, within the threshold. */
  seconds: number;
  secondWithin: number;
}

export function sharesAt(
  tracks: readonly TrackDistances[],
  policy: { readonly threshold: number; readonly margin: number },
): ThresholdShares {
  const verdicts = tracks.map(({ nearest, second }) => judgeDistances(nearest, second, policy));
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  const seconds = tracks.flatMap(({ second }) => (second === null ? [] : [second]));
  return {
    named: share(verdicts.filter((verdict) => verdict === 'near').length, tracks.length),
    ambiguous: share(verdicts.filter((verdict) => verdict === 'ambiguous').length, tracks.length),
    seconds: seconds.length,
    secondWithin: share(seconds.filter((d) => d <= policy.threshold).length, seconds.length),
  };
}
