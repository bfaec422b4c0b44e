import {
  type DecisionPolicy,
  decisionPolicySchema,
  recogniserSpecSchema,
  type ThresholdReport,
  thresholdReportSchema,
} from '@saface/core';
import type { VersionView } from '../api/views.ts';

/** What the edge placed for the false-alarm budget, or for none, while that is so and it could be kept; else null. */
const budgetThreshold = (report: ThresholdReport | null, { falseAlarmsPerWeek }: DecisionPolicy): number | null =>
  report && report.alarmsPerWeek === falseAlarmsPerWeek && report.threshold > 0 ? report.threshold : null;

/**
 * The distance that a version decides with, or would: an operator's own, which is one under the base model that the scenario is on and
 * is counted on the version's scale, then the budget's, the version's, the base model's. Of the last two where nobody has set a budget, and
 * the edge has seen that they name too many strangers, what that allows (decision 037).
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
  const placed = budgetThreshold(version.budget, decision);
  if (placed !== null && decision.falseAlarmsPerWeek !== null) return { threshold: placed, from: 'budget' };
  const own = version.threshold ?? version.baseThreshold;
  if (placed !== null && placed < own) return { threshold: placed, from: 'strangers' };
  return { threshold: own, from: version.threshold === null ? 'base-model' : 'version' };
}

/** The same for a stored version on the base model of its scenario. */
export function storedThreshold(
  version: { readonly budget: unknown; readonly threshold: number | null; readonly distanceScale: number },
  scenario: { readonly decision: unknown; readonly baseModel: { readonly recogniser: unknown } },
): VersionView['effective'] {
  const budget = thresholdReportSchema.safeParse(version.budget).data ?? null;
  const { defaultThreshold: baseThreshold } = recogniserSpecSchema.parse(scenario.baseModel.recogniser);
  return servedThreshold(
    { ...version, applies: true, budget, baseThreshold },
    decisionPolicySchema.parse(scenario.decision),
  );
}
