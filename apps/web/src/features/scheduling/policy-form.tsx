'use client';

import { checkCapacity } from '@saface/core/scheduling/eq2';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { useDraft } from '../../lib/use-draft.ts';
import { useMay } from '../session/index.ts';
import { type PolicyDraft, parseDraft, toDraft } from './policy-draft.ts';

export type EdgePolicy = RouterOutputs['scheduling']['list'][number];

const modes: { value: PolicyDraft['mode']; label: string }[] = [
  { value: 'always-on', label: 'Always on: as soon as enough triplets wait' },
  { value: 'periodic', label: 'Periodic: every so many minutes' },
  { value: 'off', label: 'Off: never' },
];

export function PolicyForm({ view }: { view: EdgePolicy }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const canWrite = useMay('policy.write');
  const [draft, set] = useDraft(toDraft(view.policy));
  const quietId = useId();
  const update = useMutation(
    trpc.scheduling.update.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.scheduling.pathFilter());
        toast.success('Policy saved', { description: 'The edge applies it within seconds.' });
      },
    }),
  );
  const parsed = parseDraft(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(toDraft(view.policy));
  const errorOf = (path: string) => parsed.errors?.[path] ?? fieldError(update.error, `policy.${path}`);

  type TextKey = 'rC' | 'nC' | 'npMax' | 'alpha' | 'intervalMinutes';
  const input = (key: TextKey, label: string, help: string) => (
    <Field label={label} help={help} error={errorOf(key)}>
      {(control) => (
        <Input
          {...control}
          inputMode="decimal"
          autoComplete="off"
          className="tabular"
          value={draft[key]}
          onChange={(e) => set({ [key]: e.target.value })}
        />
      )}
    </Field>
  );
  const capacity = parsed.policy && checkCapacity(parsed.policy, view.measured?.nE ?? null);
  return (
    <Form
      aria-label="Scheduling policy"
      className="grid gap-5"
      onSubmit={() => {
        if (parsed.policy) update.mutate({ edgeId: view.edge.id, policy: parsed.policy });
      }}
    >
      <fieldset disabled={!canWrite} className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
        {input(
          'alpha',
          'Alpha (α)',
          'How strongly training gives way: 0 ignores the load, 1 in proportion, more gives way sooner.',
        )}
        {input(
          'rC',
          'Frames per second and camera (R_C)',
          'Sampled for detection. One scheduling interval lasts 1 / R_C.',
        )}
        {input('nC', 'Most cameras (N_C)', 'On this edge.')}
        {input('npMax', 'Most faces in a frame (NP_max)', 'The crowd to be ready for.')}
        <Field
          label="Training mode"
          help="Of scenarios that leave it to their edge. Off holds for all of them."
          className="sm:col-span-2"
        >
          {(control) => (
            <Select
              {...control}
              value={draft.mode}
              onChange={(e) => {
                const mode = modes.find((m) => m.value === e.target.value);
                if (mode) set({ mode: mode.value });
              }}
            >
              {modes.map((mode) => (
                <option key={mode.value} value={mode.value}>
                  {mode.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {draft.mode === 'periodic' && input('intervalMinutes', 'Minutes between runs', '60 is once an hour.')}
        <div className="grid content-start gap-3 sm:col-span-2">
          <div className="flex items-center gap-3">
            <Switch
              id={quietId}
              checked={draft.quiet}
              disabled={!canWrite}
              onCheckedChange={(quiet) => set({ quiet })}
            />
            <label htmlFor={quietId} className="text-[13px] font-medium">
              No training in quiet hours
            </label>
          </div>
          {draft.quiet && (
            <div className="grid max-w-xs grid-cols-2 gap-4">
              <Field label="From" error={errorOf('quietHours.from')}>
                {(control) => (
                  <Input
                    {...control}
                    type="time"
                    value={draft.quietFrom}
                    onChange={(e) => set({ quietFrom: e.target.value })}
                  />
                )}
              </Field>
              <Field label="To" error={errorOf('quietHours.to')}>
                {(control) => (
                  <Input
                    {...control}
                    type="time"
                    value={draft.quietTo}
                    onChange={(e) => set({ quietTo: e.target.value })}
                  />
                )}
              </Field>
            </div>
          )}
        </div>
      </fieldset>
      {capacity && (
        <p className="flex flex-wrap items-start gap-2 text-[13px] text-muted-foreground">
          <Badge tone={capacity.satisfied ? 'ok' : 'warn'}>
            {capacity.satisfied
              ? 'Capacity is enough'
              : capacity.headroom === null
                ? 'Not measured'
                : 'Too little capacity'}
          </Badge>
          <span className="min-w-0 basis-64 grow">{capacity.explanation}</span>
        </p>
      )}
      {update.error && !hasFieldErrors(update.error) && <FormError error={update.error} />}
      {canWrite ? (
        <div className="flex flex-wrap gap-2">
          <Button type="submit" pending={update.isPending} disabled={!changed}>
            Save policy
          </Button>
          {changed && (
            <Button variant="ghost" onClick={() => set(toDraft(view.policy))}>
              Undo changes
            </Button>
          )}
        </div>
      ) : (
        <p className="text-[13px] text-muted-foreground">Only engineers and administrators change policies.</p>
      )}
    </Form>
  );
}
