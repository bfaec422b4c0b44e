import { type DecisionPolicy, decideTrack } from '@saface/core';
import type { ServingSet } from '../recognition/serving.ts';
import { BEST_PROBES } from '../recognition/track-book.ts';
import type { LiveEmbeddings } from './live-embeddings.ts';
import type { TracksSnapshot } from './scenario-tracks.ts';

/** Newest kept tracks that are asked about: recognition waits while a network runs. */
const MOST_TRACKS = 100;

/**
 * How far the second person would have been from each kept track, had this version decided: for a version that has met nobody yet. Tracks
 * that it could not have decided, or in a gallery of one, are left out. Costs the learner's share of a few probes for each track.
 */
export async function runnerUpsOf(
  { learner, gallery, threshold }: Pick<ServingSet, 'learner' | 'gallery' | 'threshold'>,
  { set, probes }: Pick<TracksSnapshot, 'set' | 'probes'>,
  { decision, embeddings }: { decision: DecisionPolicy; embeddings: LiveEmbeddings },
): Promise<number[]> {
  const most = Math.max(BEST_PROBES, decision.minProbes);
  const best = set.tracks.slice(-MOST_TRACKS).map((track) =>
    track.probes
      .map((p) => set.probes[p]!)
      .sort((a, b) => b.quality - a.quality)
      .slice(0, most),
  );
  const rows = best.flat().map(({ row }) => probes[row]!);
  const embedded = await embeddings.of(learner, rows);
  const { dimension } = learner;
  let at = 0;
  const found: number[] = [];
  for (const own of best) {
    // A search among thousands of people takes a while: frames that arrived meanwhile go first.
    await new Promise((resolve) => setImmediate(resolve));
    const evidence = own.map(({ quality }) => {
      const from = at++ * dimension;
      return { embedding: embedded.subarray(from, from + dimension), quality };
    });
    const made = decideTrack(evidence, gallery, { ...decision, threshold, bestProbes: BEST_PROBES });
    if (made.kind !== 'undecided' && made.runnerUp !== null) found.push(made.runnerUp.distance);
  }
  return found;
}
