'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { UserRoundPlus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Form } from '../../components/ui/form.tsx';
import { hasFieldErrors } from '../../lib/field-errors.ts';
import { emptyConsent, toConsent } from './consent.ts';
import { isComplete, type PersonDraft, PersonFields } from './person-fields.tsx';

export function NewIdentityDialog({ galleryId }: { galleryId?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <UserRoundPlus aria-hidden />
          Enrol a person
        </Button>
      </DialogTrigger>
      <DialogContent title="Enrol a person" description="First who and why; pictures follow on the person's page.">
        <NewIdentityForm galleryId={galleryId} />
      </DialogContent>
    </Dialog>
  );
}

function NewIdentityForm({ galleryId }: { galleryId?: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const [draft, setDraft] = useState<PersonDraft>({
    name: '',
    galleryIds: galleryId ? [galleryId] : [],
    consent: emptyConsent,
  });
  const create = useMutation(
    trpc.identities.create.mutationOptions({
      onSuccess: ({ id }) => {
        void client.invalidateQueries(trpc.identities.pathFilter());
        void client.invalidateQueries(trpc.galleries.pathFilter());
        router.push(`/identities/${id}`);
      },
    }),
  );
  return (
    <Form
      onSubmit={() => {
        setAsked(true);
        if (!isComplete(draft)) return;
        create.mutate({ name: draft.name.trim(), galleryIds: draft.galleryIds, consent: toConsent(draft.consent) });
      }}
    >
      <PersonFields draft={draft} onChange={setDraft} asked={asked} error={create.error} />
      {create.error && !hasFieldErrors(create.error) && <FormError error={create.error} />}
      <DialogActions pending={create.isPending || create.isSuccess}>Create and add pictures</DialogActions>
    </Form>
  );
}
