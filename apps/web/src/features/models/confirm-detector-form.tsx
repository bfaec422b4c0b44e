'use client';

import type { DetectorImportReport } from '@saface/core/models/import-report';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import type { Import } from './imports-card.tsx';

/** What a detector is called, and where it comes from. */
export function ConfirmDetectorForm({ found, report }: { found: Import; report: DetectorImportReport }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [draft, setDraft] = useState({ name: report.name, licence: '', source: '' });
  const [asked, setAsked] = useState(false);
  const confirm = useMutation(
    trpc.models.confirmDetector.mutationOptions({
      onSuccess: async () => {
        toast.success(`${draft.name} is a detector`, { description: 'Base models can be given it.' });
        router.push('/models');
        await client.invalidateQueries(trpc.models.pathFilter());
      },
    }),
  );
  const name = draft.name.trim();
  const text = (key: keyof typeof draft, label: string, help?: string) => (
    <Field
      label={label}
      help={help}
      error={key === 'name' && asked && name === '' ? 'Enter a name.' : fieldError(confirm.error, key)}
    >
      {(control) => (
        <Input
          {...control}
          maxLength={300}
          value={draft[key]}
          onChange={(event) => setDraft({ ...draft, [key]: event.target.value })}
        />
      )}
    </Field>
  );
  const submit = () => {
    setAsked(true);
    if (name === '') return;
    const orNull = (value: string) => value.trim() || null;
    confirm.mutate({ id: found.id, name, licence: orNull(draft.licence), source: orNull(draft.source) });
  };
  return (
    <Form className="grid gap-5" onSubmit={submit}>
      <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
        {text('name', 'Name')}
        {text('licence', 'Licence', 'Terms the weights come under; some forbid commercial use.')}
        {text('source', 'Source', 'An address or a paper.')}
      </div>
      {confirm.error && !hasFieldErrors(confirm.error) && <FormError error={confirm.error} />}
      <Button type="submit" pending={confirm.isPending || confirm.isSuccess} className="justify-self-start">
        Add detector
      </Button>
    </Form>
  );
}
