'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';

interface Gallery {
  id: string;
  name: string;
  description: string;
}

/** Creates a gallery, or renames the given one. */
export function GalleryDialog({ trigger, gallery }: { trigger: ReactNode; gallery?: Gallery }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent
        title={gallery ? `Edit ${gallery.name}` : 'New gallery'}
        description="A gallery holds people; each scenario watches one or more galleries."
      >
        <GalleryForm gallery={gallery} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function GalleryForm({ gallery, onDone }: { gallery?: Gallery; onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [name, setName] = useState(gallery?.name ?? '');
  const [description, setDescription] = useState(gallery?.description ?? '');
  const [asked, setAsked] = useState(false);
  const onSuccess = async () => {
    await client.invalidateQueries(trpc.galleries.pathFilter());
    toast.success(gallery ? 'Gallery saved' : 'Gallery created');
    onDone();
  };
  const create = useMutation(trpc.galleries.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.galleries.update.mutationOptions({ onSuccess }));
  const error = create.error ?? update.error;

  const submit = () => {
    setAsked(true);
    if (name.trim() === '') return;
    const values = { name: name.trim(), description: description.trim() };
    if (gallery) update.mutate({ id: gallery.id, ...values });
    else create.mutate(values);
  };
  return (
    <Form onSubmit={submit}>
      <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(error, 'name')}>
        {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
      </Field>
      <Field label="Description" help="Who belongs in here." error={fieldError(error, 'description')}>
        {(control) => (
          <Textarea {...control} maxLength={500} value={description} onChange={(e) => setDescription(e.target.value)} />
        )}
      </Field>
      {error && !hasFieldErrors(error) && <FormError error={error} />}
      <DialogActions pending={create.isPending || update.isPending}>
        {gallery ? 'Save' : 'Create gallery'}
      </DialogActions>
    </Form>
  );
}
