'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Form } from '../../components/ui/form.tsx';
import { CONSENT_GRACE_DAYS, hasEnded } from '../../lib/consent.ts';
import { hasFieldErrors } from '../../lib/field-errors.ts';
import { formatDate, formatDateTime, MISSING } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useMay } from '../session/index.ts';
import { basisLabel, toConsent, toDraft } from './consent.ts';
import { isComplete, type PersonDraft, PersonFields } from './person-fields.tsx';

const DAY_MS = 24 * 3_600_000;

type Person = RouterOutputs['identities']['get'];

/** Who this is and why they may be recognised. */
export function PersonCard({ person }: { person: Person }) {
  const [open, setOpen] = useState(false);
  const canWrite = useMay('identity.write');
  const now = useNow();
  const { consent } = person;
  const expired = hasEnded(consent.expiresAt, now);
  return (
    <Card>
      <CardHeader
        title="Consent and galleries"
        actions={
          canWrite && (
            <Dialog open={open} onOpenChange={setOpen}>
              <DialogTrigger asChild>
                <Button variant="outline" size="sm">
                  Edit
                </Button>
              </DialogTrigger>
              <DialogContent title={`Edit ${person.name}`} description="Name, galleries and the record of consent.">
                <EditForm person={person} onDone={() => setOpen(false)} />
              </DialogContent>
            </Dialog>
          )
        }
      />
      <CardContent>
        <Facts
          facts={[
            {
              term: 'Galleries',
              value: (
                <span className="flex flex-wrap gap-1.5">
                  {person.galleries.map((gallery) => (
                    <Link key={gallery.id} href={`/galleries/${gallery.id}`} className="max-w-full rounded-sm">
                      <Badge tone="accent" title={gallery.name}>
                        <span className="truncate">{gallery.name}</span>
                      </Badge>
                    </Link>
                  ))}
                </span>
              ),
            },
            { term: 'Purpose', value: consent.purpose },
            { term: 'Legal basis', value: basisLabel(consent.basis) },
            {
              term: 'Valid until',
              value: (
                <span className="flex flex-wrap items-center gap-2">
                  {consent.expiresAt === null ? 'it is taken back' : formatDate(consent.expiresAt)}
                  {expired && (
                    <>
                      <Badge tone="danger">Expired</Badge>
                      <span className="text-muted-foreground">
                        all data is deleted on {formatDate(consent.expiresAt! + CONSENT_GRACE_DAYS * DAY_MS)} unless you
                        renew it
                      </span>
                    </>
                  )}
                </span>
              ),
            },
            { term: 'Note', value: consent.note || MISSING },
            { term: 'Recorded', value: `${formatDateTime(consent.recordedAt)} by ${consent.recordedBy}` },
            { term: 'Enrolled', value: formatDateTime(person.createdAt) },
          ]}
        />
      </CardContent>
    </Card>
  );
}

function EditForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [draft, setDraft] = useState<PersonDraft>({
    name: person.name,
    galleryIds: person.galleries.map((g) => g.id),
    consent: toDraft(person.consent),
  });
  const update = useMutation(
    trpc.identities.update.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.identities.pathFilter());
        void client.invalidateQueries(trpc.galleries.pathFilter());
        toast.success('Saved');
        onDone();
      },
    }),
  );
  return (
    <Form
      onSubmit={() => {
        setAsked(true);
        if (!isComplete(draft)) return;
        update.mutate({
          id: person.id,
          name: draft.name.trim(),
          galleryIds: draft.galleryIds,
          consent: toConsent(draft.consent),
        });
      }}
    >
      <PersonFields draft={draft} onChange={setDraft} asked={asked} error={update.error} />
      {update.error && !hasFieldErrors(update.error) && <FormError error={update.error} />}
      <DialogActions pending={update.isPending}>Save</DialogActions>
    </Form>
  );
}
