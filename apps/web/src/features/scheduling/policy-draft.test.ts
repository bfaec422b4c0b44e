import { defaultSchedulingPolicy } from '@saface/core/scheduling/policy';
import { describe, expect, it } from 'vitest';
import { parseDraft, toDraft } from './policy-draft.ts';

const draft = toDraft(defaultSchedulingPolicy);

describe('scheduling policy form', () => {
  it('gives back what it was given', () => {
    const policy = { ...defaultSchedulingPolicy, alpha: 2.5, quietHours: { from: '22:00', to: '06:30' } };
    expect(parseDraft(toDraft(policy)).policy).toEqual(policy);
  });

  it('refuses alpha below zero, empty or not a number, beside the field', () => {
    for (const alpha of ['-1', '', 'NaN', 'much']) {
      const { policy, errors } = parseDraft({ ...draft, alpha });
      expect(policy).toBeNull();
      expect(errors?.alpha).toContain('alpha must be');
    }
  });

  it('takes a decimal comma', () => {
    expect(parseDraft({ ...draft, alpha: '0,5' }).policy?.alpha).toBe(0.5);
  });

  it('names every wrong field at once', () => {
    expect(Object.keys(parseDraft({ ...draft, rC: '0', nC: '1.5', npMax: '0' }).errors ?? {})).toEqual([
      'rC',
      'nC',
      'npMax',
    ]);
  });

  it('forgets quiet hours that are switched off', () => {
    expect(parseDraft({ ...draft, quiet: false, quietFrom: 'soon' }).policy?.quietHours).toBeNull();
  });
});
