'use client';

import type { Role } from '@saface/core/roles';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { StatusBadge } from '../../components/data/status.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { formatDate } from '../../lib/format.ts';
import { isLongEnough, NewPasswordField, PASSWORD_RULE } from './new-password-field.tsx';
import { asRole, RoleOptions, RoleSelect } from './role-select.tsx';
import { roleWords } from './role-words.ts';
import { type User, UserActions } from './user-actions.tsx';

export function UsersCard() {
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions());
  const [open, setOpen] = useState(false);
  return (
    <Card>
      <CardHeader
        title="Users"
        actions={
          <Dialog open={open} onOpenChange={setOpen}>
            <DialogTrigger asChild>
              <Button size="sm">
                <UserPlus aria-hidden />
                Add user
              </Button>
            </DialogTrigger>
            <DialogContent title="Add a user" description="They can change the password after signing in.">
              <NewUserForm onDone={() => setOpen(false)} />
            </DialogContent>
          </Dialog>
        }
      />
      <QueryState query={users}>
        {(list) => <DataTable label="Users" rows={list} columns={columns} rowKey={(u) => u.id} />}
      </QueryState>
    </Card>
  );
}

const disabledLook = { tone: 'neutral', label: 'Disabled', icon: Ban } as const;

const columns: Column<User>[] = [
  {
    id: 'name',
    header: 'Name',
    sort: (u) => u.name,
    cell: (u) => (
      <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{u.name}</span>
        {u.disabled && <StatusBadge look={disabledLook} />}
      </span>
    ),
  },
  { id: 'email', header: 'E-mail', sort: (u) => u.email, cell: (u) => <span className="break-all">{u.email}</span> },
  { id: 'role', header: 'Role', sort: (u) => u.role, cell: (u) => <RoleSelect user={u} /> },
  {
    id: 'since',
    header: 'Since',
    sort: (u) => u.createdAt,
    cell: (u) => formatDate(u.createdAt),
    className: 'whitespace-nowrap',
  },
  { id: 'seen', header: 'Last signed in', sort: (u) => u.lastSeenAt, cell: (u) => <Ago time={u.lastSeenAt} /> },
  {
    id: 'actions',
    header: 'Actions',
    hideHeader: true,
    align: 'right',
    cell: (u) => <UserActions user={u} />,
  },
];

function NewUserForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [draft, setDraft] = useState({ name: '', email: '', password: '', role: 'viewer' as Role });
  const create = useMutation(
    trpc.users.create.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.users.pathFilter());
        toast.success(`${draft.name} can sign in`);
        onDone();
      },
    }),
  );
  const { name, email, password, role } = draft;
  const complete = name.trim() !== '' && email.includes('@') && isLongEnough(password);
  return (
    <Form
      onSubmit={() => {
        setAsked(true);
        if (complete) create.mutate({ name: name.trim(), email: email.trim(), password, role });
      }}
    >
      <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(create.error, 'name')}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            value={name}
            onChange={(e) => setDraft({ ...draft, name: e.target.value })}
          />
        )}
      </Field>
      <Field
        label="E-mail"
        error={asked && !email.includes('@') ? 'Enter an e-mail address.' : fieldError(create.error, 'email')}
      >
        {(control) => (
          <Input
            {...control}
            type="email"
            autoComplete="off"
            value={email}
            onChange={(e) => setDraft({ ...draft, email: e.target.value })}
          />
        )}
      </Field>
      <NewPasswordField
        label="First password"
        help={PASSWORD_RULE}
        value={password}
        onChange={(value) => setDraft({ ...draft, password: value })}
        asked={asked}
        error={fieldError(create.error, 'password')}
      />
      <Field label="Role" help={roleWords[role]}>
        {(control) => (
          <Select {...control} value={role} onChange={(e) => setDraft({ ...draft, role: asRole(e.target.value) })}>
            <RoleOptions />
          </Select>
        )}
      </Field>
      {create.error && !hasFieldErrors(create.error) && <FormError error={create.error} />}
      <DialogActions pending={create.isPending}>Add user</DialogActions>
    </Form>
  );
}
