'use client';

import { roles } from '@saface/core/roles';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import { Facts } from '../../components/data/facts.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { useMay } from '../session/index.ts';
import { PASSWORD_RULE } from './new-password-field.tsx';
import { PasswordForm } from './password-form.tsx';
import { roleWords } from './role-words.ts';
import { UsersCard } from './users-card.tsx';

export function SettingsPage() {
  const mayUsers = useMay('user.write');
  return (
    <>
      <PageHeader title="Settings" description="You, and who else may do what." />
      <div className="grid items-start gap-5 lg:grid-cols-2 *:min-w-0">
        <Profile />
        <Card>
          <CardHeader title="Password" description={PASSWORD_RULE} />
          <CardContent>
            <PasswordForm />
          </CardContent>
        </Card>
      </div>
      {mayUsers && <UsersCard />}
      <Card>
        <CardHeader
          title="Roles"
          description="Each role may do what the ones before it may; auditors read and change nothing."
        />
        <CardContent>
          <Facts facts={roles.map((role) => ({ term: role, value: roleWords[role] }))} />
        </CardContent>
      </Card>
    </>
  );
}

function Profile() {
  const trpc = useTRPC();
  const me = useQuery(trpc.users.me.queryOptions());
  return (
    <Card>
      <CardHeader title="Profile" />
      <QueryState query={me}>
        {(user) => (
          <CardContent>
            <Facts
              facts={[
                { term: 'Name', value: user.name },
                { term: 'E-mail', value: user.email },
                { term: 'Role', value: <Badge tone="accent">{user.role}</Badge> },
                {
                  term: 'May',
                  value: (
                    <span className="flex flex-wrap gap-1">
                      {user.permissions.map((permission) => (
                        <Badge key={permission}>{permission}</Badge>
                      ))}
                    </span>
                  ),
                },
              ]}
            />
          </CardContent>
        )}
      </QueryState>
    </Card>
  );
}
