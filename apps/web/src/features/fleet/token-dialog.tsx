'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useId, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { CopyButton } from '../../components/data/copy-button.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Checkbox } from '../../components/ui/checkbox.tsx';
import {
  Dialog,
  DialogActions,
  DialogClose,
  DialogContent,
  DialogFooter,
  DialogTrigger,
} from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { formatDateTime } from '../../lib/format.ts';

type Fleet = RouterOutputs['fleet']['list'];
/** With whom it is for. */
type CreatedFor = RouterOutputs['fleet']['createToken'] & { kind: 'edge' | 'camera'; name: string };

const lifetimes = [
  { hours: 1, label: '1 hour' },
  { hours: 24, label: '1 day' },
  { hours: 24 * 7, label: '7 days' },
];

export function TokenDialog({ fleet }: { fleet: Fleet }) {
  const [open, setOpen] = useState(false);
  const [created, setCreated] = useState<CreatedFor | null>(null);
  const change = (next: boolean) => {
    setOpen(next);
    if (!next) setCreated(null);
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button variant="outline">
          <KeyRound aria-hidden />
          Enrolment token
        </Button>
      </DialogTrigger>
      {created ? (
        <DialogContent
          title="Copy the token now"
          description={`It is shown this once, works once, and expires ${formatDateTime(created.expiresAt)}.`}
          shownOnce
        >
          <Shown created={created} />
        </DialogContent>
      ) : (
        <DialogContent
          title="Create an enrolment token"
          description="Lets one agent connect as the chosen edge or camera."
        >
          <TokenForm fleet={fleet} onCreated={setCreated} />
        </DialogContent>
      )}
    </Dialog>
  );
}

function Shown({ created }: { created: CreatedFor }) {
  const { kind, token, name } = created;
  const variable = kind === 'edge' ? 'SAFACE_EDGE_TOKEN' : 'SAFACE_CAMERA_TOKEN';
  const { origin, hostname } = window.location;
  const command = `${variable}=${token} npm run ${kind} -- --control ${origin} --name ${quoted(name)}`;
  const isReached = !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return (
    <div className="grid gap-4">
      <div className="grid gap-2">
        <Input
          readOnly
          aria-label="Enrolment token"
          className="bg-muted font-mono"
          value={token}
          onFocus={(event) => event.target.select()}
        />
        <p className="text-[13px] text-muted-foreground">
          On the machine of the agent, in a checkout of SaFace with Node 20.19 or newer:
        </p>
        <pre className="wrap-anywhere whitespace-pre-wrap rounded-md border bg-muted p-3 font-mono text-[12px]">
          {command}
        </pre>
        {!isReached && (
          <p className="text-[13px] text-muted-foreground">
            Other machines do not reach {origin}. For one of those, start the control plane with{' '}
            <code className="font-mono">npm run up -- --url</code> and the address that they use.
          </p>
        )}
      </div>
      <DialogFooter>
        <CopyButton text={command} label="Copy command" />
        <CopyButton text={token} label="Copy token" />
        <DialogClose asChild>
          <Button size="sm">Done</Button>
        </DialogClose>
      </DialogFooter>
    </div>
  );
}

/** As one word for a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

interface TokenFormProps {
  fleet: Fleet;
  onCreated: (created: CreatedFor) => void;
}

function TokenForm({ fleet, onCreated }: TokenFormProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const acceptId = useId();
  const [kind, setKind] = useState<'edge' | 'camera'>(fleet.edges.length > 0 ? 'edge' : 'camera');
  const targets = kind === 'edge' ? fleet.edges : fleet.cameras;
  const [chosen, setChosen] = useState('');
  const target = targets.find((t) => t.id === chosen) ?? targets[0];
  const [hours, setHours] = useState(24);
  const [note, setNote] = useState('');
  const [autoAccept, setAutoAccept] = useState(false);
  const create = useMutation(
    trpc.fleet.createToken.mutationOptions({
      onSuccess: (token) => {
        void client.invalidateQueries(trpc.fleet.tokens.pathFilter());
        onCreated({ ...token, kind, name: target?.name ?? '' });
      },
    }),
  );
  return (
    <Form
      onSubmit={() => {
        if (target) create.mutate({ kind, targetId: target.id, autoAccept, hours, note: note.trim() });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="For">
          {(control) => (
            <Select {...control} value={kind} onChange={(e) => setKind(e.target.value === 'edge' ? 'edge' : 'camera')}>
              <option value="edge">An edge</option>
              <option value="camera">A camera</option>
            </Select>
          )}
        </Field>
        <Field
          label={kind === 'edge' ? 'Edge' : 'Camera'}
          error={target ? fieldError(create.error, 'targetId') : `There is no ${kind} yet: create it first.`}
        >
          {(control) => (
            <Select {...control} value={target?.id ?? ''} onChange={(e) => setChosen(e.target.value)}>
              {targets.map((t) => (
                <option key={t.id} value={t.id}>
                  {t.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Valid for">
          {(control) => (
            <Select {...control} value={hours} onChange={(e) => setHours(Number(e.target.value))}>
              {lifetimes.map((l) => (
                <option key={l.hours} value={l.hours}>
                  {l.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Note" error={fieldError(create.error, 'note')}>
          {(control) => <Input {...control} maxLength={200} value={note} onChange={(e) => setNote(e.target.value)} />}
        </Field>
      </div>
      <div className="flex items-start gap-2.5">
        <Checkbox
          id={acceptId}
          checked={autoAccept}
          onCheckedChange={(checked) => setAutoAccept(checked === true)}
          aria-describedby={`${acceptId}-help`}
        />
        <div className="grid gap-0.5">
          <label htmlFor={acceptId} className="text-[13px] font-medium">
            Accept without asking
          </label>
          <p id={`${acceptId}-help`} className="text-xs text-muted-foreground">
            Otherwise the agent waits until somebody accepts it here.
          </p>
        </div>
      </div>
      {create.error && !hasFieldErrors(create.error) && <FormError error={create.error} />}
      <DialogActions pending={create.isPending} disabled={!target}>
        Create token
      </DialogActions>
    </Form>
  );
}
