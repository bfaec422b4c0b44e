'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';

interface Site {
  id: string;
  name: string;
  timeZone: string;
}

/** Creates a site, or edits the given one. */
export function SiteDialog({ trigger, site }: { trigger: ReactNode; site?: Site }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent
        title={site ? `Edit ${site.name}` : 'New site'}
        description="A place with cameras and an edge of its own."
      >
        <SiteForm site={site} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function SiteForm({ site, onDone }: { site?: Site; onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState(site?.name ?? '');
  // The dialog opens in the browser only, so its time zone is the reader's.
  const [timeZone, setTimeZone] = useState(() => site?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const onSuccess = async () => {
    await client.invalidateQueries();
    toast.success(site ? 'Site saved' : 'Site created');
    onDone();
  };
  const create = useMutation(trpc.sites.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.sites.update.mutationOptions({ onSuccess }));
  const error = create.error ?? update.error;
  const submit = () => {
    setAsked(true);
    const values = { name: name.trim(), timeZone: timeZone.trim() };
    if (values.name === '') return;
    if (!site) create.mutate(values);
    else if (values.name === site.name && values.timeZone === site.timeZone) onDone();
    else update.mutate({ id: site.id, ...values });
  };
  return (
    <Form onSubmit={submit}>
      <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(error, 'name')}>
        {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
      </Field>
      <Field label="Time zone" help="For quiet hours, e.g. Europe/Berlin." error={fieldError(error, 'timeZone')}>
        {(control) => <Input {...control} value={timeZone} onChange={(e) => setTimeZone(e.target.value)} />}
      </Field>
      <Submit label={site ? 'Save site' : 'Create site'} pending={create.isPending || update.isPending} error={error} />
    </Form>
  );
}

export function NewEdgeDialog({ trigger }: { trigger: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent title="New edge" description="The computer at a site that recognises and learns for its cameras.">
        <EdgeForm onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function EdgeForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const sites = useQuery(trpc.sites.list.queryOptions());
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState('');
  const siteId = chosen || sites.data?.[0]?.id || '';
  const create = useMutation(
    trpc.fleet.createEdge.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries();
        toast.success('Edge created', { description: 'Create an enrolment token for it next.' });
        onDone();
      },
    }),
  );
  return (
    <Form
      onSubmit={() => {
        setAsked(true);
        if (name.trim() !== '' && siteId) create.mutate({ siteId, name: name.trim() });
      }}
    >
      <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(create.error, 'name')}>
        {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
      </Field>
      <Field
        label="Site"
        error={sites.data?.length === 0 ? 'Create a site first.' : fieldError(create.error, 'siteId')}
      >
        {(control) => (
          <Select {...control} value={siteId} onChange={(e) => setChosen(e.target.value)}>
            {sites.data?.map((site) => (
              <option key={site.id} value={site.id}>
                {site.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Submit label="Create edge" pending={create.isPending || sites.isPending} error={create.error} />
    </Form>
  );
}

/** The foot of a form in a dialog: what the server refused, and the two ways out. */
export function Submit({ label, pending, error }: { label: string; pending: boolean; error: unknown }) {
  return (
    <>
      {error != null && !hasFieldErrors(error) && <FormError error={error} />}
      <DialogActions pending={pending}>{label}</DialogActions>
    </>
  );
}
