import { describe, expect, it } from 'vitest';
import { defaultPolicyDraft, parsePolicies, thresholdHelp, toPolicyDraft } from './policy-draft.ts';

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
    expect(parsed({ margin: '1.5' })).toMatchObject({
      errors: { 'decision.margin': 'the margin is a share of the threshold, at most 1' },
    });
    expect(parsed({ threshold: '-1' })).toMatchObject({
      errors: { 'decision.threshold': 'the threshold must be above 0' },
    });
  });

  it('say what a threshold counts as under the champion, where its distances are of another length', () => {
    const longer = { defaultThreshold: 0.6, champion: { label: 'v2', distanceScale: 1.9 } };
    expect(thresholdHelp('', longer)).toMatch(/whose own is 0.6: .* Under v2, 0.6 counts as 1.140\.$/);
    expect(thresholdHelp('0.5', longer)).toMatch(/Under v2, 0.5 counts as 0.950\.$/);
    expect(thresholdHelp('-', longer)).toMatch(/Under v2, 0.6 counts as/);
    expect(thresholdHelp('0.5', { ...longer, champion: { label: 'base', distanceScale: 1 } })).not.toMatch('counts as');
    expect(thresholdHelp('0.5', {})).not.toMatch(/counts as|whose own/);
  });
});
