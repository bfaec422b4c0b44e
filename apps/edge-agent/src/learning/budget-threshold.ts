import { type BudgetThreshold, type LearningSet, type Metric, thresholdForBudget, trackImpostors } from '@saface/core';

const WEEK_MS = 7 * 24 * 3_600_000;
/** Less tells nothing of a week. */
const LEAST_SPAN_MS = 10 * 60_000;
/** Pairs of different people below which no threshold can be placed. */
const LEAST_PAIRS = 20;

export interface BudgetInput {
  readonly set: LearningSet;
  /** When each probe came, by the edge's clock (Unix epoch ms): a camera's may be years off, and would make strangers look rare. */
  readonly arrivals: readonly number[];
  /** Of the set's probes under the version's learner. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  readonly metric: Metric;
  /** Enrolled identities that the scenario watches for. */
  readonly gallerySize: number;
  /** Cameras that the tracks come from. */
  readonly cameras: number;
  /** Per camera. */
  readonly alarmsPerWeek: number;
}

/**
 * The threshold that keeps false names within the budget, from tracks seen together; null while too few were. As many
 * strangers are expected as tracks were seen: an edge does not know who of them is enrolled and was merely not recognised.
 */
export function budgetThreshold(input: BudgetInput): BudgetThreshold | null {
  const { set, arrivals, embeddings, dimension, metric, gallerySize, cameras, alarmsPerWeek } = input;
  const impostors = trackImpostors(set, embeddings, { dimension, metric });
  if (impostors.distances.length < LEAST_PAIRS) return null;
  const [first, last] = [Math.min, Math.max].map((of) => arrivals.reduce((a, b) => of(a, b)));
  const span = Math.max(LEAST_SPAN_MS, last! - first!);
  const strangersPerWeek = (set.tracks.length * WEEK_MS) / span / Math.max(1, cameras);
  return thresholdForBudget(impostors, { alarmsPerWeek, strangersPerWeek, gallerySize });
}
