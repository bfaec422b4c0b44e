'use client';

import { type PretrainingSettings, pretrainingSettingsSchema } from '@saface/core/pretraining/settings';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Sprout } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';

const backbones: { value: PretrainingSettings['backbone']; label: string }[] = [
  { value: 'mobilefacenet', label: 'MobileFaceNet: small and quick' },
  { value: 'sphere-20', label: 'Sphere-20: the paper’s' },
  { value: 'iresnet-50', label: 'IResNet-50: large and slow' },
];

export function PretrainDialog({ folders, root }: { folders: string[]; root: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline">
          <Sprout aria-hidden />
          Pre-train
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Pre-train a base model"
        description={`Folders below ${root}, laid out as one folder a person.`}
        className="max-w-2xl"
      >
        <PretrainForm folders={folders} />
      </DialogContent>
    </Dialog>
  );
}

function PretrainForm({ folders }: { folders: string[] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const [draft, setDraft] = useState({
    name: '',
    folder: folders[0] ?? '',
    backbone: 'mobilefacenet',
    head: 'cosface',
    width: '1',
    inputSize: '112',
    epochs: '20',
    batchSize: '64',
    learningRate: '0.1',
  });
  const set = (changes: Partial<typeof draft>) => setDraft({ ...draft, ...changes });
  const start = useMutation(
    trpc.pretraining.start.mutationOptions({
      onSuccess: ({ id }) => {
        void client.invalidateQueries(trpc.pretraining.pathFilter());
        router.push(`/models/pretraining/${id}`);
      },
    }),
  );
  const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  const parsed = pretrainingSettingsSchema.safeParse({
    backbone: draft.backbone,
    head: draft.head,
    width: number(draft.width),
    inputSize: number(draft.inputSize),
    epochs: number(draft.epochs),
    batchSize: number(draft.batchSize),
    learningRate: number(draft.learningRate),
  });
  const complaintOf = (key: keyof PretrainingSettings) =>
    (asked && parsed.error?.issues.find(({ path }) => path[0] === key)?.message) ||
    fieldError(start.error, `settings.${key}`);
  const input = (
    key: 'width' | 'inputSize' | 'epochs' | 'batchSize' | 'learningRate',
    label: string,
    help?: string,
  ) => (
    <Field label={label} help={help} error={complaintOf(key)}>
      {(control) => (
        <Input {...control} inputMode="decimal" value={draft[key]} onChange={(e) => set({ [key]: e.target.value })} />
      )}
    </Field>
  );
  const submit = () => {
    setAsked(true);
    const name = draft.name.trim();
    if (name !== '' && draft.folder !== '' && parsed.success)
      start.mutate({ name, folder: draft.folder, settings: parsed.data });
  };
  return (
    <Form onSubmit={submit}>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label="Name"
          error={asked && draft.name.trim() === '' ? 'Enter a name.' : fieldError(start.error, 'name')}
        >
          {(control) => (
            <Input {...control} maxLength={100} value={draft.name} onChange={(e) => set({ name: e.target.value })} />
          )}
        </Field>
        <Field
          label="Folder"
          className="sm:col-span-2"
          error={folders.length === 0 ? 'There is no folder yet.' : fieldError(start.error, 'folder')}
        >
          {(control) => (
            <Select {...control} value={draft.folder} onChange={(e) => set({ folder: e.target.value })}>
              {folders.map((folder) => (
                <option key={folder} value={folder}>
                  {folder}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Network" className="sm:col-span-2">
          {(control) => (
            <Select {...control} value={draft.backbone} onChange={(e) => set({ backbone: e.target.value })}>
              {backbones.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Margin head">
          {(control) => (
            <Select {...control} value={draft.head} onChange={(e) => set({ head: e.target.value })}>
              <option value="cosface">CosFace</option>
              <option value="arcface">ArcFace</option>
            </Select>
          )}
        </Field>
        {input('width', 'Width', 'Channels as a share of the paper’s.')}
        {input('inputSize', 'Input size', 'Pixels of a face, a multiple of 16.')}
        {input('epochs', 'Epochs', 'Times every picture is seen.')}
        {input('batchSize', 'Batch')}
        {input('learningRate', 'Learning rate')}
      </div>
      {start.error && !hasFieldErrors(start.error) && <FormError error={start.error} />}
      <DialogActions pending={start.isPending || start.isSuccess} disabled={folders.length === 0}>
        Start
      </DialogActions>
    </Form>
  );
}
