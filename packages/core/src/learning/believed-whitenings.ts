import { type Evening, evenedBy } from './condition-centring.ts';
import { buildScorePairs, rankStatistic, type ScorePairOptions, scoreDistances } from './label-free-score.ts';
import { type LearningSet, subset } from './learning-set.ts';
import { timeBlocks } from './split.ts';
import type { Embedded } from './track-distances.ts';
import { type EmbeddingMap, mapped, trackStatistics, type WhiteningOptions, whiteningMap } from './whitening.ts';

/** Parts of the training tracks, one after another in time, and how many of them must be able to speak. */
const BLOCKS = 4;
const FEWEST_BLOCKS = 3;

/** Embeddings that a map can be put before the evening of lengths of: what they were without it. */
export interface Mappable extends Embedded {
  /** What lengths become after the map; null = what the map makes them. */
  readonly evening?: Evening | null;
}

/**
 * The whitenings that the held-out tracks may choose from: all that only even out how one person varies and take out what everybody
 * has in common, and of those that also stretch what tells people apart, the ones that win in every part of the training tracks when
 * the other parts made them.
 *
 * Where the same people come back, what tells them apart today does so tomorrow, and the parts agree. On a street everybody is new:
 * the directions that told yesterday's people apart do harm, and a few held-out tracks that overlap in time with the rest cannot
 * see it (docs/decisions/021).
 *
 * @param embedded of the set's probes, under weights that were not trained on them
 */
export function believedWhitenings(
  set: LearningSet,
  embedded: Mappable,
  { options, scoring }: { readonly options: readonly WhiteningOptions[]; readonly scoring: ScorePairOptions },
): WhiteningOptions[] {
  const plain = options.filter(({ emphasis }) => emphasis === 0);
  const stretching = options.filter(({ emphasis }) => emphasis !== 0);
  if (stretching.length === 0) return plain;
  const blockOf = timeBlocks(set, BLOCKS);
  const wins = stretching.map(() => 0);
  let speaking = 0;
  for (let block = 0; block < BLOCKS; block++) {
    const others = pick(set, embedded, (track) => blockOf[track] !== block);
    const statistics = trackStatistics(others.set, others.embedded);
    const judge = judgeOf(
      pick(set, embedded, (track) => blockOf[track] === block),
      scoring,
    );
    if (!statistics || !judge) continue;
    speaking += 1;
    const score = (option: WhiteningOptions) => judge(whiteningMap(statistics, option));
    const unstretched = Math.max(judge(null), ...plain.map(score));
    stretching.forEach((option, i) => {
      if (score(option) > unstretched) wins[i]! += 1;
    });
  }
  const believed = stretching.filter((_, i) => speaking >= FEWEST_BLOCKS && wins[i] === speaking);
  return [...plain, ...believed];
}

interface Part {
  readonly set: LearningSet;
  readonly embedded: Mappable;
}

function pick(set: LearningSet, { values, dimension, ...how }: Mappable, keep: (track: number) => boolean): Part {
  const position = new Map(set.probes.map(({ row }, i) => [row, i]));
  const part = subset(set, (_, track) => keep(track));
  const own = new Float32Array(part.probes.length * dimension);
  part.probes.forEach(({ row }, i) => {
    const from = position.get(row)! * dimension;
    own.set(values.subarray(from, from + dimension), i * dimension);
  });
  return { set: part, embedded: { ...how, values: own, dimension } };
}

/** Ranks the part's embeddings under a map (null = as they are); null where the part gives no pairs. */
function judgeOf({ set, embedded }: Part, scoring: ScorePairOptions): ((map: EmbeddingMap | null) => number) | null {
  const pairs = buildScorePairs(set, scoring);
  if (!pairs) return null;
  const { values, dimension, metric, evening = null } = embedded;
  return (map) => {
    const embeddings = evenedBy(map ? mapped(values, map, dimension) : values, dimension, evening);
    return rankStatistic(scoreDistances(pairs, embeddings, { dimension, metric }));
  };
}
