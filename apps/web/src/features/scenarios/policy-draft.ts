import {
  type DecisionPolicy,
  decisionPolicySchema,
  type LearningPolicy,
  learningPolicySchema,
} from '@saface/core/agents/config';
import { formatDistance } from '../../lib/format.ts';

/** The policies of a scenario as a form holds them: numbers as text. */
export interface PolicyDraft {
  threshold: string;
  falseAlarmsPerWeek: string;
  margin: string;
  minProbes: string;
  minQuality: string;
  enabled: boolean;
  autoPromote: boolean;
  minTriplets: string;
  maxProbes: string;
  shadowTracks: string;
  mode: LearningPolicy['mode'];
  intervalMinutes: string;
  quiet: boolean;
  quietFrom: string;
  quietTo: string;
}

export function toPolicyDraft(decision: DecisionPolicy, learning: LearningPolicy): PolicyDraft {
  return {
    threshold: decision.threshold === null ? '' : String(decision.threshold),
    falseAlarmsPerWeek: decision.falseAlarmsPerWeek === null ? '' : String(decision.falseAlarmsPerWeek),
    margin: String(decision.margin),
    minProbes: String(decision.minProbes),
    minQuality: String(decision.minQuality),
    enabled: learning.enabled,
    autoPromote: learning.autoPromote,
    minTriplets: String(learning.minTriplets),
    maxProbes: String(learning.maxProbes),
    shadowTracks: String(learning.shadowTracks),
    mode: learning.mode,
    intervalMinutes: String(learning.intervalMinutes),
    quiet: learning.quietHours !== null,
    quietFrom: learning.quietHours?.from ?? '08:00',
    quietTo: learning.quietHours?.to ?? '18:00',
  };
}

/** Where a new scenario starts; decisions need a few probes, and it trains when its edge does. */
export const defaultPolicyDraft: PolicyDraft = {
  threshold: '',
  falseAlarmsPerWeek: '1',
  margin: '0.07',
  minProbes: '3',
  minQuality: '0.3',
  enabled: true,
  autoPromote: true,
  minTriplets: '64',
  maxProbes: '4000',
  shadowTracks: '20',
  mode: 'as-edge',
  intervalMinutes: '60',
  quiet: false,
  quietFrom: '08:00',
  quietTo: '18:00',
};

const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

/** The policies, or the first complaint about each field by its path. */
export function parsePolicies(
  draft: PolicyDraft,
): { decision: DecisionPolicy; learning: LearningPolicy } | { errors: Record<string, string> } {
  const decision = decisionPolicySchema.safeParse({
    threshold: draft.threshold.trim() === '' ? null : number(draft.threshold),
    falseAlarmsPerWeek: draft.falseAlarmsPerWeek.trim() === '' ? null : number(draft.falseAlarmsPerWeek),
    margin: number(draft.margin),
    minProbes: number(draft.minProbes),
    minQuality: number(draft.minQuality),
  });
  const learning = learningPolicySchema.safeParse({
    enabled: draft.enabled,
    autoPromote: draft.autoPromote,
    minTriplets: number(draft.minTriplets),
    maxProbes: number(draft.maxProbes),
    shadowTracks: number(draft.shadowTracks),
    mode: draft.mode,
    intervalMinutes: number(draft.intervalMinutes),
    quietHours: draft.quiet ? { from: draft.quietFrom, to: draft.quietTo } : null,
  });
  if (decision.success && learning.success) return { decision: decision.data, learning: learning.data };
  const errors: Record<string, string> = {};
  for (const [prefix, result] of [['decision', decision] as const, ['learning', learning] as const]) {
    for (const issue of result.error?.issues ?? []) {
      const path = [prefix, ...issue.path].join('.');
      errors[path] ??= issue.message;
    }
  }
  return { errors };
}

/** What an operator's own threshold is told against. */
export interface ThresholdScale {
  /** Of the base model, when the scenario has one. */
  readonly defaultThreshold?: number;
  /** What serves, with its distances for those that the base model makes 1. */
  readonly champion?: { readonly label: string; readonly distanceScale: number };
}

/** Versions make distances of another length, and Live and Events show those. */
export function thresholdHelp(threshold: string, { defaultThreshold, champion }: ThresholdScale): string {
  const own = defaultThreshold ? `, whose own is ${defaultThreshold}` : '';
  const words = `Your own, as a distance under the base model${own}: nearer is a match, whatever the budget says. Empty: from the budget, from what the edge sees, or what the model brings.`;
  const example = Number(threshold) > 0 ? Number(threshold) : defaultThreshold;
  if (!champion || !example || Math.abs(champion.distanceScale - 1) < 0.005) return words;
  return `${words} Under ${champion.label}, ${example} counts as ${formatDistance(example * champion.distanceScale)}.`;
}
