'use client';

import type { RecogniserImportReport } from '@saface/core/models/import-report';
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
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { CutChoice } from './cut-choice.tsx';
import { suggestCut } from './describe-cut.ts';
import type { Import } from './imports-card.tsx';
import { parseTriple } from './parse-triple.ts';

/** For a person to read: nobody needs the digits after the sixth. */
const shorten = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(6))).join(', ');

/** What an engineer may correct of an import, and has to choose. */
export function ConfirmForm({ found, report }: { found: Import; report: RecogniserImportReport }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const { spec, cuts } = report;
  const suggested = suggestCut(cuts, spec.defaultCut);
  const [asked, setAsked] = useState(false);
  const [draft, setDraft] = useState(() => ({
    name: spec.name,
    licence: '',
    source: '',
    channels: spec.input.channels,
    mean: shorten(spec.input.mean),
    scale: shorten(spec.input.scale),
    threshold: shorten([spec.defaultThreshold]),
    cut: suggested,
  }));
  const set = (changes: Partial<typeof draft>) => setDraft({ ...draft, ...changes });
  const confirm = useMutation(
    trpc.models.confirmImport.mutationOptions({
      onSuccess: async () => {
        toast.success(`${draft.name} is a base model`, { description: 'Scenarios can be moved to it.' });
        router.push('/models');
        await client.invalidateQueries(trpc.models.pathFilter());
      },
    }),
  );
  // What nobody touched stays exactly what was found.
  const triple = (key: 'mean' | 'scale') =>
    draft[key] === shorten(spec.input[key]) ? spec.input[key] : parseTriple(draft[key]);
  const mean = triple('mean');
  const scale = triple('scale');
  const complaint = {
    name: draft.name.trim() === '' ? 'Enter a name.' : null,
    mean: mean ? null : 'Give three numbers, one per channel.',
    scale: scale ? null : 'Give three numbers, one per channel.',
  };
  const errorOf = (key: 'name' | 'licence' | 'source' | 'mean' | 'scale' | 'threshold') =>
    (asked && key in complaint ? complaint[key as keyof typeof complaint] : null) ?? fieldError(confirm.error, key);
  const text = (key: 'name' | 'licence' | 'source' | 'mean' | 'scale' | 'threshold', label: string, help?: string) => (
    <Field label={label} help={help} error={errorOf(key)}>
      {(control) => (
        <Input {...control} maxLength={300} value={draft[key]} onChange={(e) => set({ [key]: e.target.value })} />
      )}
    </Field>
  );
  const submit = () => {
    setAsked(true);
    if (complaint.name || !mean || !scale) return;
    confirm.mutate({
      id: found.id,
      name: draft.name.trim(),
      licence: draft.licence.trim() || null,
      source: draft.source.trim() || null,
      channels: draft.channels,
      mean,
      scale,
      threshold: Number(draft.threshold || Number.NaN),
      cut: draft.cut,
    });
  };
  return (
    <Form className="grid gap-5" onSubmit={submit}>
      <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
        {text('name', 'Name')}
        {text('licence', 'Licence', 'Terms the weights come under; some forbid commercial use.')}
        {text('source', 'Source', 'An address or a paper.')}
        <Field label="Channel order" error={fieldError(confirm.error, 'channels')}>
          {(control) => (
            <Select
              {...control}
              value={draft.channels}
              onChange={(e) => set({ channels: e.target.value === 'bgr' ? 'bgr' : 'rgb' })}
            >
              <option value="rgb">RGB</option>
              <option value="bgr">BGR</option>
            </Select>
          )}
        </Field>
        {text('mean', 'Mean', 'Taken from each pixel value, per channel.')}
        {text('scale', 'Scale', 'What is left is multiplied by it, per channel.')}
        {text('threshold', 'Distance threshold', 'Nearer than this is a match, until a scenario knows better.')}
      </div>
      <CutChoice cuts={cuts} chosen={draft.cut} suggested={suggested} onChange={(cut) => set({ cut })} />
      {confirm.error && !hasFieldErrors(confirm.error) && <FormError error={confirm.error} />}
      <Button type="submit" pending={confirm.isPending || confirm.isSuccess} className="justify-self-start">
        Add base model
      </Button>
    </Form>
  );
}
