import type { RouterInputs } from '@/lib/trpc/types';

export type Consent = RouterInputs['identities']['create']['consent'];

/** GDPR Art. 6(1), in the words of a form. */
export const bases: { value: Consent['basis']; label: string }[] = [
  { value: 'consent', label: 'Consent of the person' },
  { value: 'contract', label: 'Contract with the person' },
  { value: 'legal-obligation', label: 'Legal obligation' },
  { value: 'vital-interests', label: 'Vital interests' },
  { value: 'public-task', label: 'Public task' },
  { value: 'legitimate-interest', label: 'Legitimate interest' },
];

export const basisLabel = (basis: string): string => bases.find((b) => b.value === basis)?.label ?? basis;

/** What the form holds: everything as text, as inputs do. */
export interface ConsentDraft {
  purpose: string;
  basis: Consent['basis'];
  /** `2027-01-31`, or empty for no end. */
  expires: string;
  note: string;
}

export const emptyConsent: ConsentDraft = { purpose: '', basis: 'consent', expires: '', note: '' };

/** A consent that ends on a day holds until that day is over, where the reader is. */
export function toConsent(draft: ConsentDraft): Consent {
  return {
    purpose: draft.purpose.trim(),
    basis: draft.basis,
    expiresAt: draft.expires === '' ? null : new Date(`${draft.expires}T23:59:59`).getTime(),
    note: draft.note.trim(),
  };
}

export function toDraft(consent: {
  purpose: string;
  basis: string;
  expiresAt: number | null;
  note: string;
}): ConsentDraft {
  return {
    purpose: consent.purpose,
    basis: bases.find((b) => b.value === consent.basis)?.value ?? 'consent',
    expires: consent.expiresAt === null ? '' : localDay(new Date(consent.expiresAt)),
    note: consent.note,
  };
}

function localDay(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
