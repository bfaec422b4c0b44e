'use client';

import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Checkbox } from '../../components/ui/checkbox.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { CONSENT_GRACE_DAYS } from '../../lib/consent.ts';
import { fieldError } from '../../lib/field-errors.ts';
import { bases, type ConsentDraft } from './consent.ts';

export interface PersonDraft {
  name: string;
  galleryIds: string[];
  consent: ConsentDraft;
}

interface PersonFieldsProps {
  draft: PersonDraft;
  onChange: (draft: PersonDraft) => void;
  /** Show what is still missing. */
  asked: boolean;
  /** The server's refusal, for messages beside the fields. */
  error: unknown;
}

export function isComplete(draft: PersonDraft): boolean {
  return draft.name.trim() !== '' && draft.galleryIds.length > 0 && draft.consent.purpose.trim() !== '';
}

export function PersonFields({ draft, onChange, asked, error }: PersonFieldsProps) {
  const setConsent = (changes: Partial<ConsentDraft>) =>
    onChange({ ...draft, consent: { ...draft.consent, ...changes } });
  const missing = (value: string, words: string) => (asked && value.trim() === '' ? words : null);
  return (
    <div className="grid gap-4">
      <Field label="Name" error={missing(draft.name, 'Enter a name.') ?? fieldError(error, 'name')}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            maxLength={100}
            value={draft.name}
            onChange={(e) => onChange({ ...draft, name: e.target.value })}
          />
        )}
      </Field>
      <GalleryChoice
        chosen={draft.galleryIds}
        onChange={(galleryIds) => onChange({ ...draft, galleryIds })}
        error={
          asked && draft.galleryIds.length === 0 ? 'Choose at least one gallery.' : fieldError(error, 'galleryIds')
        }
      />
      <fieldset className="grid gap-4 rounded-lg border border-border p-3.5">
        <legend className="px-1 text-[13px] font-medium">Why this person may be recognised</legend>
        <Field
          label="Purpose"
          help="In words that the person would understand, e.g. “Opens the staff entrance”."
          error={
            missing(draft.consent.purpose, 'Say what the recognition is for.') ?? fieldError(error, 'consent.purpose')
          }
        >
          {(control) => (
            <Input
              {...control}
              maxLength={500}
              value={draft.consent.purpose}
              onChange={(e) => setConsent({ purpose: e.target.value })}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Legal basis" error={fieldError(error, 'consent.basis')}>
            {(control) => (
              <Select
                {...control}
                value={draft.consent.basis}
                onChange={(e) => {
                  const basis = bases.find((b) => b.value === e.target.value);
                  if (basis) setConsent({ basis: basis.value });
                }}
              >
                {bases.map((basis) => (
                  <option key={basis.value} value={basis.value}>
                    {basis.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            label="Valid until"
            help={`Empty: until taken back. Afterwards nobody recognises this person, and ${CONSENT_GRACE_DAYS} days later everything of them is deleted.`}
            error={fieldError(error, 'consent.expiresAt')}
          >
            {(control) => (
              <Input
                {...control}
                type="date"
                value={draft.consent.expires}
                onChange={(e) => setConsent({ expires: e.target.value })}
              />
            )}
          </Field>
        </div>
        <Field
          label="Note"
          help="For instance where the signed form is kept."
          error={fieldError(error, 'consent.note')}
        >
          {(control) => (
            <Textarea
              {...control}
              className="min-h-16"
              maxLength={1000}
              value={draft.consent.note}
              onChange={(e) => setConsent({ note: e.target.value })}
            />
          )}
        </Field>
      </fieldset>
    </div>
  );
}

interface GalleryChoiceProps {
  chosen: string[];
  onChange: (ids: string[]) => void;
  error?: string | null;
}

export function GalleryChoice({ chosen, onChange, error }: GalleryChoiceProps) {
  const trpc = useTRPC();
  const galleries = useQuery(trpc.galleries.list.queryOptions());
  const id = useId();
  return (
    <fieldset className="grid gap-2" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1.5 text-[13px] font-medium">Galleries</legend>
      {galleries.data?.length === 0 && (
        <p className="text-[13px] text-muted-foreground">No gallery yet: create one under Galleries first.</p>
      )}
      {galleries.error && <FormError error={galleries.error} />}
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {galleries.data?.map((gallery) => (
          <span key={gallery.id} className="flex min-w-0 items-center gap-2 text-sm">
            <Checkbox
              id={`${id}-${gallery.id}`}
              aria-invalid={error ? true : undefined}
              checked={chosen.includes(gallery.id)}
              onCheckedChange={(checked) =>
                onChange(checked === true ? [...chosen, gallery.id] : chosen.filter((g) => g !== gallery.id))
              }
            />
            <label htmlFor={`${id}-${gallery.id}`} className="truncate">
              {gallery.name}
            </label>
          </span>
        ))}
      </div>
      {error && (
        <p id={`${id}-error`} className="text-xs font-medium text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
