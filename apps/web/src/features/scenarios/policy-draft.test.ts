import { describe, expect, it } from 'vitest';
import { defaultPolicyDraft, parsePolicies, toPolicyDraft } from './policy-draft.ts';

const parsed = (changes: Partial<typeof defaultPolicyDraft>) => parsePolicies({ ...defaultPolicyDraft, ...changes });

describe('policies of a scenario in a form', () => {
  it('survive the way into the form and back', () => {
    const policies = parsed({
      mode: 'periodic',
      intervalMinutes: '90',
      quiet: true,
      quietFrom: '22:00',
      quietTo: '06:00',
    });
    if ('errors' in policies) throw new Error(JSON.stringify(policies.errors));
    expect(policies.learning).toMatchObject({
      mode: 'periodic',
      intervalMinutes: 90,
      quietHours: { from: '22:00', to: '06:00' },
    });
    expect(parsePolicies(toPolicyDraft(policies.decision, policies.learning))).toEqual(policies);
  });

  it('name the field that is wrong', () => {
    expect(parsed({ intervalMinutes: '' })).toMatchObject({
      errors: { 'learning.intervalMinutes': 'the interval must be a number of minutes' },
    });
    expect(parsed({ quiet: true, quietTo: 'late' })).toMatchObject({
      errors: { 'learning.quietHours.to': 'a time of day looks like 22:30' },
    });
    expect(parsed({ quiet: false, quietTo: 'late' })).not.toHaveProperty('errors');
  });
});
