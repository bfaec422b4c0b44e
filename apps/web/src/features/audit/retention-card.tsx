'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmForm, FormError } from '../../components/data/confirm-dialog.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Dialog, DialogContent } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Toggle } from '../../components/ui/toggle.tsx';
import { CONSENT_GRACE_DAYS } from '../../lib/consent.ts';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { formatDateTime, plural } from '../../lib/format.ts';
import { type RetentionPeriod, type RetentionPolicy, retentionPeriods } from '../../lib/retention.ts';
import { useDraft } from '../../lib/use-draft.ts';
import { useMay } from '../session/index.ts';
import { parseDraft, shortened, toDraft } from './retention-draft.ts';

type Retention = RouterOutputs['audit']['retention'];

const words: Record<RetentionPeriod, { label: string; help: string }> = {
  cropDays: { label: 'Pictures', help: 'Crops of events and of triplets.' },
  eventDays: { label: 'Events', help: 'Who was seen where, and when.' },
  metricDays: { label: 'Metrics', help: 'Load, batch sizes and accuracy over time.' },
  logDays: { label: 'Logs of agents', help: 'As Fleet shows them.' },
  curveDays: { label: 'Curves of training', help: 'A run itself stays, with its verdict.' },
  commandDays: { label: 'Orders to edges', help: 'From when their edge has carried them out.' },
  receiptDays: {
    label: 'Marks of what edges sent',
    help: 'Longer than any edge is ever away, or its reports count twice.',
  },
};

/** How long each class of data is kept, and what goes next. */
export function RetentionCard() {
  const trpc = useTRPC();
  const retention = useQuery(trpc.audit.retention.queryOptions(undefined, { refetchInterval: 30_000 }));
  return (
    <Card>
      <CardHeader
        title="Retention"
        description={`What is older is deleted within the hour. People are erased ${CONSENT_GRACE_DAYS} days after their consent ended; this log is never shortened.`}
      />
      <CardContent>
        <QueryState query={retention}>{(data) => <RetentionForm retention={data} />}</QueryState>
      </CardContent>
    </Card>
  );
}

function RetentionForm({ retention }: { retention: Retention }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mayWrite = useMay('retention.write');
  const [draft, set] = useDraft(toDraft(retention));
  const [asked, setAsked] = useState<RetentionPolicy | null>(null);
  const save = useMutation(
    trpc.audit.setRetention.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.audit.pathFilter());
        toast.success('Retention saved');
      },
    }),
  );
  const { policy, errors } = parseDraft(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(toDraft(retention));
  const next = (time: number | null) => (time === null ? 'Nothing waits.' : `Next: ${formatDateTime(time)}.`);
  return (
    <>
      <Form
        aria-label="Retention"
        className="grid gap-5"
        onSubmit={() => {
          if (!policy) return;
          if (shortened(retention, policy).length > 0) setAsked(policy);
          else save.mutate(policy);
        }}
      >
        <fieldset disabled={!mayWrite} className="grid gap-x-5 gap-y-4 sm:grid-cols-2 xl:grid-cols-4">
          {retentionPeriods.map((period) => (
            <Field
              key={period}
              label={`${words[period].label}, days`}
              help={`${words[period].help} ${period in retention.unusable ? 'Nothing is deleted by it until it is a period.' : next(retention.next[period])}`}
              error={errors?.[period] ?? fieldError(save.error, period)}
            >
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  autoComplete="off"
                  className="tabular"
                  value={draft[period]}
                  onChange={(e) => set({ [period]: e.target.value })}
                />
              )}
            </Field>
          ))}
          <Toggle
            label="Retire what learnt from them"
            help={`When a consent has ended: versions that learnt from the person stop serving. ${next(retention.nextErasure)}`}
            checked={draft.retireVersions}
            disabled={!mayWrite}
            onChange={(retireVersions) => set({ retireVersions })}
          />
        </fieldset>
        {save.error && !hasFieldErrors(save.error) && <FormError error={save.error} />}
        {mayWrite && (
          <Button type="submit" pending={save.isPending} disabled={!changed} className="justify-self-start">
            Save retention
          </Button>
        )}
      </Form>
      <Dialog open={asked !== null} onOpenChange={() => setAsked(null)}>
        {asked && (
          <DialogContent
            title="Keep less?"
            description="What is older than the new periods is deleted within the hour and cannot be brought back."
          >
            <ConfirmForm
              confirmLabel="Keep less"
              danger
              onConfirm={() => save.mutateAsync(asked)}
              onDone={() => setAsked(null)}
            >
              <Facts
                facts={shortened(retention, asked).map((period) => ({
                  term: words[period].label,
                  value: `${plural(asked[period], 'day')} instead of ${period in retention.unusable ? 'no period' : retention.policy[period]}`,
                }))}
              />
            </ConfirmForm>
          </DialogContent>
        )}
      </Dialog>
    </>
  );
}
