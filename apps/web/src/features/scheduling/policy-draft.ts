import { type SchedulingPolicy, schedulingPolicySchema } from '@saface/core/scheduling/policy';

/** The policy as a form holds it: numbers as text. */
export interface PolicyDraft {
  rC: string;
  nC: string;
  npMax: string;
  alpha: string;
  mode: SchedulingPolicy['mode'];
  intervalMinutes: string;
  quiet: boolean;
  quietFrom: string;
  quietTo: string;
}

export function toDraft(policy: SchedulingPolicy): PolicyDraft {
  return {
    rC: String(policy.rC),
    nC: String(policy.nC),
    npMax: String(policy.npMax),
    alpha: String(policy.alpha),
    mode: policy.mode,
    intervalMinutes: String(policy.intervalMinutes),
    quiet: policy.quietHours !== null,
    quietFrom: policy.quietHours?.from ?? '08:00',
    quietTo: policy.quietHours?.to ?? '18:00',
  };
}

/** Empty text is not zero: `Number('')` would silently turn a cleared alpha into 0. */
const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')));

export type ParsedPolicy =
  | { policy: SchedulingPolicy; errors: null }
  | { policy: null; errors: Record<string, string> };

export function parseDraft(draft: PolicyDraft): ParsedPolicy {
  const result = schedulingPolicySchema.safeParse({
    rC: number(draft.rC),
    nC: number(draft.nC),
    npMax: number(draft.npMax),
    alpha: number(draft.alpha),
    mode: draft.mode,
    intervalMinutes: number(draft.intervalMinutes),
    quietHours: draft.quiet ? { from: draft.quietFrom, to: draft.quietTo } : null,
  });
  if (result.success) return { policy: result.data, errors: null };
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) errors[issue.path.join('.')] ??= issue.message;
  return { policy: null, errors };
}
