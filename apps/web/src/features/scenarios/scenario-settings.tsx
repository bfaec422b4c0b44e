'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog, FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Form } from '../../components/ui/form.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { useDraft } from '../../lib/use-draft.ts';
import { GalleryChoice } from '../identities/index.ts';
import { useMay } from '../session/index.ts';
import { parsePolicies, toPolicyDraft } from './policy-draft.ts';
import { PolicyFields } from './policy-fields.tsx';

export function ScenarioSettings({ scenario }: { scenario: RouterOutputs['scenarios']['get'] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const canWrite = useMay('policy.write');
  const [asked, setAsked] = useState(false);
  const [{ galleryIds, ...policy }, change] = useDraft({
    ...toPolicyDraft(scenario.decision, scenario.learning),
    galleryIds: scenario.galleries.map((g) => g.id),
  });
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
  const save = async () => {
    setAsked(true);
    if ('errors' in parsed) return;
    const { id, baseModel } = scenario;
    await update.mutateAsync({ id, baseModelId: baseModel.id, galleryIds, ...parsed });
  };
  const isComplete = !('errors' in parsed);
  const deletes = scenario.learning.enabled && !policy.enabled;
  return (
    <Form
      className="grid gap-5"
      onSubmit={() => {
        // The error is shown where the form is; a question about deleting shows its own.
        if (!deletes || !isComplete) save().catch(() => undefined);
      }}
    >
      <fieldset disabled={!canWrite} className="grid gap-5">
        <GalleryChoice
          chosen={galleryIds}
          onChange={(chosen) => change({ galleryIds: chosen })}
          error={fieldError(update.error, 'galleryIds')}
        />
        <PolicyFields
          draft={policy}
          onChange={change}
          errors={asked && 'errors' in parsed ? parsed.errors : {}}
          serverError={update.error}
          disabled={!canWrite}
          defaultThreshold={scenario.baseModel.defaultThreshold}
          champion={champion ? { label: champion.label, distanceScale: scenario.distanceScale } : undefined}
        />
      </fieldset>
      {update.error && !hasFieldErrors(update.error) && <FormError error={update.error} />}
      {canWrite && deletes && isComplete && (
        <ConfirmDialog
          trigger={
            <Button type="button" className="justify-self-start">
              Save policies
            </Button>
          }
          title="Stop learning?"
          description={`Tracks and triplets that were collected for ${scenario.name} are deleted on its edge, and a training that is under way ends. Its versions stay.`}
          confirmLabel="Stop learning"
          danger
          onConfirm={save}
        />
      )}
      {canWrite && !(deletes && isComplete) && (
        <Button type="submit" pending={update.isPending} className="justify-self-start">
          Save policies
        </Button>
      )}
      {!canWrite && (
        <p className="text-[13px] text-muted-foreground">Only engineers and administrators change policies.</p>
      )}
    </Form>
  );
}
