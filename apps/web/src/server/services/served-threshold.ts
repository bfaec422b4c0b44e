import {
  type DecisionPolicy,
  decisionPolicySchema,
  recogniserSpecSchema,
  type ThresholdReport,
  thresholdReportSchema,
} from '@saface/core';
import type { VersionView } from '../api/views.ts';

/** What the edge placed for this budget, or, with null, for none; null where it placed another or could not keep it. */
const placedFor = (report: ThresholdReport | null, budget: number | null): number | null =>
  report && report.alarmsPerWeek === budget && report.threshold > 0 ? report.threshold : null;

/**
 * The distance that a version decides with, or would: an operator's own, which is one under the base model that the scenario is on and
 * is counted on the version's scale, then the budget's, then what the edge placed without one where that is stricter than the base model
 * would be (decision 037; the version's own may be stricter still, as it follows what its parent decided with), the version's, the base model's.
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
  const { budget, threshold, distanceScale, baseThreshold } = version;
  if (version.applies && decision.threshold !== null)
    return { threshold: decision.threshold * distanceScale, from: 'operator' };
  const asked = decision.falseAlarmsPerWeek === null ? null : placedFor(budget, decision.falseAlarmsPerWeek);
  if (asked !== null) return { threshold: asked, from: 'budget' };
  const unasked = placedFor(budget, null);
  if (unasked !== null && unasked < Math.max(threshold ?? 0, baseThreshold * distanceScale))
    return { threshold: unasked, from: 'strangers' };
  if (threshold !== null) return { threshold, from: 'version' };
  return { threshold: baseThreshold, from: 'base-model' };
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
