import type { DecisionPolicy, ThresholdReport } from '@saface/core';
import type { VersionView } from '../api/views.ts';

/** What the edge placed for the false-alarm budget, while that is the budget and could be kept; else null. */
const budgetThreshold = (report: ThresholdReport | null, { falseAlarmsPerWeek }: DecisionPolicy): number | null =>
  report && report.alarmsPerWeek === falseAlarmsPerWeek && report.threshold > 0 ? report.threshold : null;

/**
 * The distance that a version decides with, or would: an operator's own, which is one under the base model that the scenario is on and
 * is counted on the version's scale, then the budget's, the version's, the base model's.
 */
export function servedThreshold(
  version: {
    applies: boolean;
    budget: ThresholdReport | null;
    threshold: number | null;
    distanceScale: number;
    baseThreshold: number;
  },
  decision: DecisionPolicy,
): VersionView['effective'] {
  if (version.applies && decision.threshold !== null)
    return { threshold: decision.threshold * version.distanceScale, from: 'operator' };
  const asked = budgetThreshold(version.budget, decision);
  if (asked !== null) return { threshold: asked, from: 'budget' };
  if (version.threshold !== null) return { threshold: version.threshold, from: 'version' };
  return { threshold: version.baseThreshold, from: 'base-model' };
}
