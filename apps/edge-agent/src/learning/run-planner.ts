import {
  canBeJudged,
  cutRecording,
  defaultAdaptOptions,
  type EdgeScenario,
  fineTuneOptionsFor,
  isQuiet,
  type LearningPolicy,
  type LearningSet,
  type Metric,
  type SchedulingPolicy,
  scheduleOf,
} from '@saface/core';
import { isTooOld, KEPT_MS } from './kept-for.ts';
import type { RunRecord } from './run-record.ts';

export interface PlanInput {
  readonly learning: LearningPolicy;
  readonly policy: SchedulingPolicy;
  /** Triplets whose anchors no run has seen yet. */
  readonly newTriplets: number;
  /** End of the last run, or when this scenario was first seen; Unix epoch ms. */
  readonly lastRun: number;
  readonly now: Date;
}

/** Fewer are not worth a process. */
export const LEAST_TRIPLETS = 8;

/** Whether a scenario should train now by itself (the paper's always-on and periodic modes, per scenario). */
export function shouldTrain({ learning, policy, newTriplets, lastRun, now }: PlanInput): boolean {
  const schedule = scheduleOf(learning, policy);
  if (schedule.mode === 'off' || isQuiet(schedule, now)) return false;
  if (schedule.mode === 'always-on') return newTriplets >= learning.minTriplets;
  return newTriplets >= LEAST_TRIPLETS && now.getTime() - lastRun >= schedule.intervalMinutes * 60_000;
}

/** Whether a run could end with a verdict: a few people long in view make triplets enough, but nobody is held out beside somebody. */
export const isJudgeable = (set: LearningSet, metric: Metric): boolean =>
  canBeJudged(cutRecording(set, defaultAdaptOptions).judged, fineTuneOptionsFor(metric));

/**
 * Whether a run that is under way must rest: quiet hours hold also for one that a person started; an edge that is off trains only what
 * a person asks for.
 */
export function mustRest(
  { asked }: Pick<RunRecord, 'asked'>,
  { learning, policy, now }: Pick<PlanInput, 'learning' | 'policy' | 'now'>,
): boolean {
  const schedule = scheduleOf(learning, policy);
  return isQuiet(schedule, now) || (schedule.mode === 'off' && !asked);
}

type Obsolescence = Pick<RunRecord, 'baseModelId' | 'identityIds' | 'enrolledIds' | 'to' | 'queuedAt'>;

/** Why a run must not go on, given its scenario as it is now (null = gone) and who was erased; null = it may. */
export function whyObsolete(
  { baseModelId, identityIds, enrolledIds, to, queuedAt }: Obsolescence,
  scenario: Pick<EdgeScenario, 'baseModelId' | 'learning'> | null,
  { isErased, now }: { readonly isErased: (identityId: string) => boolean; readonly now: Date },
): string | null {
  if (scenario === null) return 'The scenario left this edge.';
  if (!scenario.learning.enabled) return 'Learning was switched off for the scenario.';
  if (scenario.baseModelId !== baseModelId) return 'The scenario moved to another base model.';
  if (identityIds.some(isErased)) return 'A person whose tracks took part was erased.';
  if (enrolledIds.some(isErased)) return 'A person whose enrolled pictures took part was erased.';
  // Where the cameras' clocks tell nothing, all of it is at least as old as the run.
  if (isTooOld(to, now) || isTooOld(queuedAt, now)) return `Its tracks are older than ${KEPT_MS / DAY} days.`;
  return null;
}

const DAY = 24 * 3_600_000;
