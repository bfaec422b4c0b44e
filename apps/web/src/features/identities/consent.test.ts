import { describe, expect, it } from 'vitest';
import { emptyConsent, toConsent, toDraft } from './consent.ts';

describe('consent', () => {
  it('lasts to the end of its last day', () => {
    const { expiresAt } = toConsent({ ...emptyConsent, purpose: ' Door ', expires: '2027-01-31' });
    expect(expiresAt).toBe(new Date(2027, 0, 31, 23, 59, 59).getTime());
  });

  it('survives the way into the form and back', () => {
    const consent = toConsent({ purpose: 'Door', basis: 'contract', expires: '2027-01-31', note: 'signed' });
    expect(toConsent(toDraft(consent))).toEqual(consent);
  });

  it('has no end when none is given', () => {
    expect(toConsent({ ...emptyConsent, purpose: 'Door' }).expiresAt).toBeNull();
  });
});
