'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog, FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Form } from '../../components/ui/form.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { useSession } from '../session/index.ts';
import { isLongEnough, NewPasswordField, PASSWORD_RULE } from './new-password-field.tsx';

export type User = RouterOutputs['users']['list'][number];

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
    <Form
      onSubmit={() => {
        setAsked(true);
        if (isLongEnough(password)) set.mutate({ id: user.id, password });
      }}
    >
      <NewPasswordField
        label="New password"
        help={PASSWORD_RULE}
        value={password}
        onChange={setPassword}
        asked={asked}
        error={fieldError(set.error, 'password')}
      />
      {set.error && !hasFieldErrors(set.error) && <FormError error={set.error} />}
      <DialogActions pending={set.isPending}>{user.disabled ? 'Enable user' : 'Set password'}</DialogActions>
    </Form>
  );
}
