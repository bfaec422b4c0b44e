import { expect, it } from 'vitest';
import { retentionPolicySchema } from '../../lib/retention.ts';
import { parseDraft, shortened, toDraft } from './retention-draft.ts';

const usual = retentionPolicySchema.parse({});

it('is the same policy after it went through the form', () => {
  expect(parseDraft(toDraft(usual))).toEqual({ policy: usual, errors: null });
});

it.each(['', ' ', '0', '1.5', 'ever', '3651', '-3'])('refuses a period of "%s" days and says where', (text) => {
  const { policy, errors } = parseDraft({ ...toDraft(usual), logDays: text });
  expect(policy).toBeNull();
  expect(Object.keys(errors ?? {})).toEqual(['logDays']);
});

it('tells which periods get shorter', () => {
  expect(shortened(usual, { ...usual, cropDays: 7, eventDays: 365 })).toEqual(['cropDays']);
  expect(shortened(usual, { ...usual, retireVersions: false })).toEqual([]);
});
