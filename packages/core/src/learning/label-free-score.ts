import type { LabelFreeScoreReport } from '../agents/report.ts';
import {
  bootstrapDifference,
  bootstrapInterval,
  type PairedInterval,
  type PairUnits,
} from '../evaluation/bootstrap.ts';
import { createRandom, type Random } from '../evaluation/random.ts';
import {
  areaUnderCurve,
  bestBalancedAccuracy,
  type PairWeights,
  type SortedPairs,
  sortPairs,
  tarAtFar,
} from '../evaluation/verification.ts';
import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import { groupBy, type LearningSet } from './learning-set.ts';

export interface ScorePairOptions {
  /** Least distance in frames of a genuine pair. Default 20; halved until some track is long enough. */
  readonly minGap?: number;
  /** `same-frame`: probes of one frame. `co-occurring` (default): any probes of two tracks that shared a frame. */
  readonly impostors?: 'same-frame' | 'co-occurring';
  /** Most pairs from one track, or from one pair of tracks, so that nobody dominates by standing around. Default 200. */
  readonly maxPairsPerTrack?: number;
  readonly seed?: number;
}

/** Pairs whose truth is known without labels, as positions in `LearningSet.probes`. */
export interface ScorePairs {
  readonly genuine: readonly (readonly [number, number])[];
  readonly impostor: readonly (readonly [number, number])[];
  readonly units: PairUnits;
}

/**
 * The bootstrap draws whole tracks, as what has to be right is the next person, not another second of the same one; below so many
 * tracks, where drawing them anew hardly changes anything, it draws segments of so many neighbouring probes, near copies of each other.
 */
const FEWEST_TRACKS = 5;
const SEGMENT = 10;

/**
 * Far-apart probes of one track are one person; probes of tracks seen together are two. Null when the set holds none of
 * either kind, for example when nobody was ever seen beside somebody else.
 */
export function buildScorePairs(set: LearningSet, options: ScorePairOptions = {}): ScorePairs | null {
  const { impostors = 'co-occurring', maxPairsPerTrack = 200, seed = 1 } = options;
  const random = createRandom(seed);
  const impostor = impostorGroups(set, impostors).flatMap((group) => draw(group, maxPairsPerTrack, random));
  const genuine = genuinePairs(set, options.minGap ?? 20, (group) => draw(group, maxPairsPerTrack, random));
  if (genuine.length === 0 || impostor.length === 0) return null;
  return { genuine, impostor, units: unitsOf(set, [...genuine, ...impostor]) };
}

function genuinePairs(
  set: LearningSet,
  minGap: number,
  limit: (group: [number, number][]) => [number, number][],
): [number, number][] {
  for (let gap = minGap; gap >= 5; gap = Math.floor(gap / 2)) {
    const pairs = set.tracks.flatMap(({ probes }) => {
      const group: [number, number][] = [];
      for (let i = 0; i < probes.length; i++) {
        for (let j = i + 1; j < probes.length; j++) {
          if (set.probes[probes[j]!]!.frame - set.probes[probes[i]!]!.frame >= gap)
            group.push([probes[i]!, probes[j]!]);
        }
      }
      return limit(group);
    });
    if (pairs.length > 0) return pairs;
  }
  return [];
}

function impostorGroups(set: LearningSet, kind: 'same-frame' | 'co-occurring'): [number, number][][] {
  const groups = new Map<string, [number, number][]>();
  const add = (i: number, j: number) => {
    const [a, b] = set.probes[i]!.track < set.probes[j]!.track ? [i, j] : [j, i];
    const key = `${set.probes[a]!.track}-${set.probes[b]!.track}`;
    const group = groups.get(key);
    if (group) group.push([a, b]);
    else groups.set(key, [[a, b]]);
  };
  if (kind === 'co-occurring') {
    set.tracks.forEach((track, t) => {
      for (const s of track.strangers) {
        if (s > t) for (const i of track.probes) for (const j of set.tracks[s]!.probes) add(i, j);
      }
    });
  } else {
    for (const present of groupBy(set.probes, (p) => p.moment).values()) {
      present.forEach((i, k) => {
        for (const j of present.slice(k + 1)) if (set.probes[i]!.track !== set.probes[j]!.track) add(i, j);
      });
    }
  }
  return [...groups.values()];
}

function draw(group: [number, number][], limit: number, random: Random): [number, number][] {
  if (group.length <= limit) return group;
  // Partial Fisher-Yates: the first `limit` places of a shuffle.
  for (let i = 0; i < limit; i++) {
    const j = i + Math.floor(random() * (group.length - i));
    [group[i], group[j]] = [group[j]!, group[i]!];
  }
  return group.slice(0, limit);
}

function unitsOf(set: LearningSet, pairs: readonly (readonly [number, number])[]): PairUnits {
  const unitOf = new Int32Array(set.probes.length);
  let unitCount = 0;
  for (const { probes } of set.tracks) {
    const size = set.tracks.length < FEWEST_TRACKS ? SEGMENT : Math.max(1, probes.length);
    probes.forEach((p, i) => {
      unitOf[p] = unitCount + Math.floor(i / size);
    });
    unitCount += Math.ceil(probes.length / size);
  }
  return {
    unitCount,
    first: Int32Array.from(pairs, ([a]) => unitOf[a]!),
    second: Int32Array.from(pairs, ([, b]) => unitOf[b]!),
  };
}

export interface ScoreOptions {
  readonly dimension: number;
  readonly metric?: Metric;
  readonly resamples?: number;
  readonly confidence?: number;
  readonly seed?: number;
}

export const accuracyStatistic = (pairs: SortedPairs, weights?: PairWeights): number =>
  bestBalancedAccuracy(pairs, weights).accuracy;

/**
 * What candidates are ranked by: the mean of accuracy and area under the ROC curve. Accuracy moves in steps and saturates; the area
 * tells equal accuracies apart.
 */
export const rankStatistic = (pairs: SortedPairs, weights?: PairWeights): number =>
  (accuracyStatistic(pairs, weights) + areaUnderCurve(pairs, weights)) / 2;

/** Distances of the pairs under one model. `embeddings`: Float32 of `probes * dimension`, in the order of the set. */
export function scoreDistances(pairs: ScorePairs, embeddings: Float32Array, options: ScoreOptions): SortedPairs {
  const { dimension, metric = 'euclidean' } = options;
  const row = (i: number) => embeddings.subarray(i * dimension, (i + 1) * dimension);
  const distance = ([a, b]: readonly [number, number]) => embeddingDistance(row(a), row(b), metric);
  return sortPairs({ genuine: pairs.genuine.map(distance), impostor: pairs.impostor.map(distance) });
}

/** Verification figures without labels, with a bootstrap interval of the accuracy over tracks. */
export function labelFreeScore(
  pairs: ScorePairs,
  embeddings: Float32Array,
  options: ScoreOptions,
): LabelFreeScoreReport {
  const sorted = scoreDistances(pairs, embeddings, options);
  const interval = bootstrapInterval(sorted, accuracyStatistic, { ...options, units: pairs.units });
  return {
    accuracy: interval.value,
    low: interval.low,
    high: interval.high,
    auc: areaUnderCurve(sorted),
    tarAtFar1e2: tarAtFar(sorted, 0.01).tar,
    genuinePairs: pairs.genuine.length,
    impostorPairs: pairs.impostor.length,
  };
}

export interface ModelComparison {
  readonly accuracy: PairedInterval;
  readonly auc: PairedInterval;
  /** The mean of both. */
  readonly rank: PairedInterval;
}

/** Gains of `after` over `before` on the same pairs and the same resamples. */
export function compareModels(
  pairs: ScorePairs,
  models: { readonly before: Float32Array; readonly after: Float32Array },
  options: ScoreOptions,
): ModelComparison {
  const sorted = {
    before: scoreDistances(pairs, models.before, options),
    after: scoreDistances(pairs, models.after, options),
  };
  const bootstrap = { ...options, units: pairs.units };
  return {
    accuracy: bootstrapDifference(sorted, accuracyStatistic, bootstrap),
    auc: bootstrapDifference(sorted, areaUnderCurve, bootstrap),
    rank: bootstrapDifference(sorted, rankStatistic, bootstrap),
  };
}
