'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { GalleryChoice } from '../identities/index.ts';
import { useMay } from '../session/index.ts';
import { parsePolicies, toPolicyDraft } from './policy-draft.ts';
import { PolicyFields } from './policy-fields.tsx';

export function ScenarioSettings({ scenario }: { scenario: RouterOutputs['scenarios']['get'] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const canWrite = useMay('policy.write');
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState(scenario.name);
  const [galleryIds, setGalleryIds] = useState(scenario.galleries.map((g) => g.id));
  const [policy, setPolicy] = useState(() => toPolicyDraft(scenario.decision, scenario.learning));
  // A threshold that was set elsewhere shows here, unless somebody is about to set another.
  const { threshold } = toPolicyDraft(scenario.decision, scenario.learning);
  const [known, setKnown] = useState(threshold);
  if (threshold !== known) {
    setKnown(threshold);
    if (policy.threshold === known) setPolicy({ ...policy, threshold });
  }
  const update = useMutation(
    trpc.scenarios.update.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.scenarios.pathFilter());
        toast.success('Saved', { description: 'The edge applies it within seconds.' });
      },
    }),
  );
  const parsed = parsePolicies(policy);
  const { champion } = scenario.aliases;
  return (
    <Form
      className="grid gap-5"
      onSubmit={() => {
        setAsked(true);
        if (name.trim() === '' || 'errors' in parsed) return;
        update.mutate({
          id: scenario.id,
          baseModelId: scenario.baseModel.id,
          name: name.trim(),
          galleryIds,
          ...parsed,
        });
      }}
    >
      <fieldset disabled={!canWrite} className="grid gap-5">
        <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
          <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(update.error, 'name')}>
            {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
          </Field>
          <GalleryChoice chosen={galleryIds} onChange={setGalleryIds} error={fieldError(update.error, 'galleryIds')} />
        </div>
        <PolicyFields
          draft={policy}
          onChange={(changes) => setPolicy({ ...policy, ...changes })}
          errors={asked && 'errors' in parsed ? parsed.errors : {}}
          serverError={update.error}
          disabled={!canWrite}
          defaultThreshold={scenario.baseModel.defaultThreshold}
          champion={champion ? { label: champion.label, distanceScale: scenario.distanceScale } : undefined}
        />
      </fieldset>
      {update.error && !hasFieldErrors(update.error) && <FormError error={update.error} />}
      {canWrite ? (
        <Button type="submit" pending={update.isPending} className="justify-self-start">
          Save policies
        </Button>
      ) : (
        <p className="text-[13px] text-muted-foreground">Only engineers and administrators change policies.</p>
      )}
    </Form>
  );
}
