import { inQuietHours, type LearningPolicy, type SchedulingPolicy } from '@saface/core';

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

/** Whether a scenario should train now by itself (the paper's always-on and periodic modes). */
export function shouldTrain({ learning, policy, newTriplets, lastRun, now }: PlanInput): boolean {
  if (!learning.enabled || policy.mode === 'off' || isQuiet(policy, now)) return false;
  if (policy.mode === 'always-on') return newTriplets >= learning.minTriplets;
  return newTriplets >= LEAST_TRIPLETS && now.getTime() - lastRun >= policy.intervalMinutes * 60_000;
}

export const isQuiet = ({ quietHours }: Pick<SchedulingPolicy, 'quietHours'>, now: Date): boolean =>
  inQuietHours(quietHours, now.getHours() * 60 + now.getMinutes());
