import {
  type BudgetThreshold,
  type LearningSet,
  type Metric,
  thresholdForBudget,
  thresholdForStrangers,
  trackImpostors,
} from '@saface/core';

const WEEK_MS = 7 * 24 * 3_600_000;
/** Less tells nothing of a week. */
const LEAST_SPAN_MS = 10 * 60_000;
/** Pairs of different people below which no threshold can be placed for a budget. */
const LEAST_PAIRS = 20;
/** And below which none is placed that nobody has asked for: it would move with every few of them. */
const LEAST_UNASKED = 100;

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
  /** Per camera; null where nobody has set a budget. */
  readonly alarmsPerWeek: number | null;
}

/**
 * The threshold that keeps false names within the budget, from tracks seen together; null while too few were. As many
 * strangers are expected as tracks were seen: an edge does not know who of them is enrolled and was merely not recognised.
 * Without a budget, or while it asks for more likeness than anybody can have, it is the one that names few strangers.
 */
export function budgetThreshold(input: BudgetInput): BudgetThreshold | null {
  const { set, arrivals, embeddings, dimension, metric, gallerySize, cameras, alarmsPerWeek } = input;
  const impostors = trackImpostors(set, embeddings, { dimension, metric });
  const { length } = impostors.distances;
  const usual = length < LEAST_UNASKED ? null : thresholdForStrangers(impostors, { gallerySize });
  if (alarmsPerWeek === null) return usual && usual.certainty !== 'unknown' ? { ...usual, alarmsAtMost: null } : null;
  if (length < LEAST_PAIRS) return null;
  const [first, last] = [Math.min, Math.max].map((of) => arrivals.reduce((a, b) => of(a, b)));
  const span = Math.max(LEAST_SPAN_MS, last! - first!);
  const strangersPerWeek = (set.tracks.length * WEEK_MS) / span / Math.max(1, cameras);
  const asked = thresholdForBudget(impostors, { alarmsPerWeek, strangersPerWeek, gallerySize });
  if (asked.threshold > 0 || !usual) return asked;
  return { ...asked, threshold: usual.threshold, explanation: `${asked.explanation} Until then: ${usual.explanation}` };
}
