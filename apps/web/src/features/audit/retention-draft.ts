import {
  type RetentionPeriod,
  type RetentionPolicy,
  retentionPeriods,
  retentionPolicySchema,
  type StoredRetention,
} from '../../lib/retention.ts';

/** The policy as a form holds it: numbers as text. */
export type RetentionDraft = Record<RetentionPeriod, string> & { retireVersions: boolean };

/** Periods that cannot be used as they are stored, so that the form says what is wrong with them. */
export function toDraft({ policy, unusable }: StoredRetention): RetentionDraft {
  const periods = Object.fromEntries(
    retentionPeriods.map((period) => [period, unusable[period] ?? String(policy[period])]),
  );
  return { ...(periods as Record<RetentionPeriod, string>), retireVersions: policy.retireVersions };
}

export type ParsedRetention =
  | { policy: RetentionPolicy; errors: null }
  | { policy: null; errors: Partial<Record<string, string>> };

export function parseDraft(draft: RetentionDraft): ParsedRetention {
  // Empty text is not zero days.
  const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  const periods = Object.fromEntries(retentionPeriods.map((period) => [period, number(draft[period])]));
  const result = retentionPolicySchema.safeParse({ ...periods, retireVersions: draft.retireVersions });
  if (result.success) return { policy: result.data, errors: null };
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) errors[issue.path.join('.')] ??= issue.message;
  return { policy: null, errors };
}

/** Periods that get shorter, or that nothing went by before: what is older than they are goes within the hour. */
export function shortened({ policy, unusable }: StoredRetention, to: RetentionPolicy): RetentionPeriod[] {
  return retentionPeriods.filter((period) => period in unusable || to[period] < policy[period]);
}
