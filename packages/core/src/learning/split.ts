import { type LearningSet, subset } from './learning-set.ts';

/** One part of the recording, and the tracks of all others to learn from. */
export interface LearningSplit {
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
}

/** For each track, which of `count` parts of the recording it belongs to: by when it ended, with about as many probes in each. */
export function timeBlocks({ tracks, probes }: LearningSet, count: number): number[] {
  const end = (track: number) => probes[tracks[track]!.probes.at(-1)!]!.time;
  const blocks: number[] = [];
  let seen = 0;
  for (const track of tracks.map((_, i) => i).sort((a, b) => end(a) - end(b))) {
    const own = tracks[track]!.probes.length;
    blocks[track] = Math.floor((count * (seen + own / 2)) / probes.length);
    seen += own;
  }
  return blocks;
}

/**
 * Each part of the recording held out once. A track is entirely on one side, or its neighbouring frames, almost copies, would leak
 * the answer. Parts without tracks are left out; where all tracks fall into one part, nothing is held out.
 */
export function crossSplits(set: LearningSet, blocks: readonly number[]): LearningSplit[] {
  const parts = [...new Set(blocks)].sort((a, b) => a - b);
  if (parts.length < 2) return [{ training: set, heldOut: subset(set, () => false) }];
  return parts.map((part) => ({
    training: subset(set, (_, track) => blocks[track] !== part),
    heldOut: subset(set, (_, track) => blocks[track] === part),
  }));
}

/** The set with tracks as strangers only within their part: two models that saw different parts cannot be compared across them. */
export function withinBlocks({ probes, tracks }: LearningSet, blocks: readonly number[]): LearningSet {
  return {
    probes,
    tracks: tracks.map((track, t) => ({
      ...track,
      strangers: track.strangers.filter((other) => blocks[other] === blocks[t]),
    })),
  };
}
