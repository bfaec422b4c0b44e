'use client';

import { type Role, roles } from '@saface/core/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmForm } from '../../components/data/confirm-dialog.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { Dialog, DialogContent } from '../../components/ui/dialog.tsx';
import { Select } from '../../components/ui/select.tsx';
import { useSession } from '../session/index.ts';
import { roleWords } from './role-words.ts';
import type { User } from './user-actions.tsx';

export const asRole = (value: string): Role => roles.find((r) => r === value) ?? 'viewer';

export function RoleOptions() {
  return roles.map((role) => (
    <option key={role} value={role}>
      {role}
    </option>
  ));
}

/** Asks before it saves: one arrow key in a select could make somebody an administrator. Until then it shows the old role. */
export function RoleSelect({ user }: { user: User }) {
  const me = useSession();
  const trpc = useTRPC();
  const client = useQueryClient();
  const select = useRef<HTMLSelectElement>(null);
  const [asked, setAsked] = useState<{ from: Role; to: Role } | null>(null);
  const setRole = useMutation(
    trpc.users.setRole.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.users.pathFilter());
        toast.success(`${user.name} has a new role`);
      },
    }),
  );
  return (
    <>
      <Select
        ref={select}
        className="w-32"
        aria-label={`Role of ${user.name}`}
        value={user.role}
        disabled={user.id === me.id}
        title={user.id === me.id ? 'Nobody changes their own role' : roleWords[user.role]}
        onChange={(e) => setAsked({ from: user.role, to: asRole(e.target.value) })}
      >
        <RoleOptions />
      </Select>
      <Dialog open={asked !== null} onOpenChange={() => setAsked(null)}>
        {asked && (
          <DialogContent
            title={`Change the role of ${user.name}?`}
            description={`From ${asked.from} to ${asked.to}. It counts at once, wherever they are signed in.`}
            // No button opened it for the focus to go back to.
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              select.current?.focus();
            }}
          >
            <ConfirmForm
              confirmLabel="Change role"
              onConfirm={() => setRole.mutateAsync({ id: user.id, role: asked.to })}
              onDone={() => setAsked(null)}
            >
              <Facts facts={[asked.from, asked.to].map((role) => ({ term: role, value: roleWords[role] }))} />
            </ConfirmForm>
          </DialogContent>
        )}
      </Dialog>
    </>
  );
}
