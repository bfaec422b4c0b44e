'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { GalleryChoice } from '../identities/index.ts';
import { defaultPolicyDraft, parsePolicies } from './policy-draft.ts';
import { PolicyFields } from './policy-fields.tsx';

export function NewScenarioDialog() {
  const [open, setOpen] = useState(false);
  const trpc = useTRPC();
  const sites = useQuery(trpc.sites.list.queryOptions(undefined, { enabled: open }));
  const models = useQuery(trpc.models.list.queryOptions(undefined, { enabled: open }));
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <Plus aria-hidden />
          New scenario
        </Button>
      </DialogTrigger>
      <DialogContent
        title="New scenario"
        description="One kind of camera view with its own adapted model."
        className="max-w-2xl"
      >
        <QueryState query={sites}>
          {(siteList) => (
            <QueryState query={models}>
              {(modelList) => <NewScenarioForm sites={siteList} models={modelList} />}
            </QueryState>
          )}
        </QueryState>
      </DialogContent>
    </Dialog>
  );
}

interface Named {
  id: string;
  name: string;
}

function NewScenarioForm({ sites, models }: { sites: Named[]; models: (Named & { defaultThreshold: number })[] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState('');
  const [siteId, setSiteId] = useState(sites[0]?.id ?? '');
  const [baseModelId, setBaseModelId] = useState(models[0]?.id ?? '');
  const [galleryIds, setGalleryIds] = useState<string[]>([]);
  const [policy, setPolicy] = useState(defaultPolicyDraft);
  const create = useMutation(
    trpc.scenarios.create.mutationOptions({
      onSuccess: ({ id }) => {
        void client.invalidateQueries(trpc.scenarios.pathFilter());
        router.push(`/scenarios/${id}`);
      },
    }),
  );
  const parsed = parsePolicies(policy);
  const errors = asked && 'errors' in parsed ? parsed.errors : {};
  return (
    <Form
      onSubmit={() => {
        setAsked(true);
        if (name.trim() === '' || !siteId || !baseModelId || 'errors' in parsed) return;
        create.mutate({ name: name.trim(), siteId, baseModelId, galleryIds, ...parsed });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(create.error, 'name')}>
          {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
        </Field>
        <Field label="Site" error={sites.length === 0 ? 'Create a site under Fleet first.' : null}>
          {(control) => (
            <Select {...control} value={siteId} onChange={(e) => setSiteId(e.target.value)}>
              {sites.map((site) => (
                <option key={site.id} value={site.id}>
                  {site.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Base model"
          error={models.length === 0 ? 'No base model is installed: add one under Models.' : null}
        >
          {(control) => (
            <Select {...control} value={baseModelId} onChange={(e) => setBaseModelId(e.target.value)}>
              {models.map((model) => (
                <option key={model.id} value={model.id}>
                  {model.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <GalleryChoice chosen={galleryIds} onChange={setGalleryIds} error={fieldError(create.error, 'galleryIds')} />
      <PolicyFields
        draft={policy}
        onChange={(changes) => setPolicy({ ...policy, ...changes })}
        errors={errors}
        serverError={create.error}
        defaultThreshold={models.find((m) => m.id === baseModelId)?.defaultThreshold}
      />
      {create.error && !hasFieldErrors(create.error) && <FormError error={create.error} />}
      <DialogActions pending={create.isPending || create.isSuccess}>Create scenario</DialogActions>
    </Form>
  );
}
