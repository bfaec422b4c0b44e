'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog, FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { useSession } from '../session/index.ts';

export type User = RouterOutputs['users']['list'][number];

const MIN = 12;

/** Nobody does these to themselves: the own password is changed with the one before, above. */
export function UserActions({ user }: { user: User }) {
  const me = useSession();
  if (user.id === me.id) return null;
  return (
    <span className="inline-flex justify-end gap-2">
      <PasswordDialog user={user} />
      {!user.disabled && <DisableUser user={user} />}
    </span>
  );
}

function DisableUser({ user }: { user: User }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const disable = useMutation(
    trpc.users.disable.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.users.pathFilter());
        toast.success(`${user.name} can no longer sign in`);
      },
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="icon-sm" aria-label={`Disable ${user.name}`}>
          <UserX aria-hidden />
        </Button>
      }
      title={`Disable ${user.name}?`}
      description="They are signed out everywhere at once and cannot sign in. What they did stays in the audit log. A new password lets them in again."
      confirmLabel="Disable user"
      danger
      onConfirm={() => disable.mutateAsync({ id: user.id })}
    />
  );
}

function PasswordDialog({ user }: { user: User }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {user.disabled ? (
          <Button variant="outline" size="sm" aria-label={`Enable ${user.name}`}>
            <UserCheck aria-hidden />
            Enable
          </Button>
        ) : (
          <Button variant="outline" size="icon-sm" aria-label={`Set a new password for ${user.name}`}>
            <KeyRound aria-hidden />
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={user.disabled ? `Enable ${user.name}` : `A new password for ${user.name}`}
        description={
          user.disabled
            ? 'They can sign in with this password, and change it after that.'
            : 'The one before stops working, and they are signed out everywhere. They can change it after signing in.'
        }
      >
        <PasswordForm user={user} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function PasswordForm({ user, onDone }: { user: User; onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [password, setPassword] = useState('');
  const set = useMutation(
    trpc.users.setPassword.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.users.pathFilter());
        toast.success(user.disabled ? `${user.name} can sign in again` : `${user.name} has a new password`);
        onDone();
      },
    }),
  );
  return (
    <form
      method="post"
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (password.length >= MIN) set.mutate({ id: user.id, password });
      }}
    >
      <Field
        label="New password"
        help={`At least ${MIN} characters.`}
        error={asked && password.length < MIN ? `Use at least ${MIN} characters.` : fieldError(set.error, 'password')}
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(e) => setPassword(e.target.value)}
          />
        )}
      </Field>
      {set.error && !hasFieldErrors(set.error) && <FormError error={set.error} />}
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" pending={set.isPending}>
          {user.disabled ? 'Enable user' : 'Set password'}
        </Button>
      </DialogFooter>
    </form>
  );
}
