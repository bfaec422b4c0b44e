'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { formatDateTime, MISSING } from '../../lib/format.ts';

type Token = RouterOutputs['fleet']['tokens'][number];

const tones: Record<Token['state'], Tone> = { open: 'accent', used: 'ok', expired: 'neutral', revoked: 'neutral' };

/** Tokens that were given out; the secret itself is nowhere. */
export function TokensCard() {
  const trpc = useTRPC();
  const tokens = useQuery(trpc.fleet.tokens.queryOptions(undefined, { refetchInterval: 10_000 }));
  return (
    <Card>
      <CardHeader title="Enrolment tokens" description="Each lets one agent connect, once." />
      <QueryState
        query={tokens}
        isEmpty={(list) => list.length === 0}
        empty={<p className="px-4 pb-4 text-[13px] text-muted-foreground">None was created yet.</p>}
      >
        {(list) => <DataTable label="Enrolment tokens" rows={list} columns={columns} rowKey={(t) => t.id} />}
      </QueryState>
    </Card>
  );
}

function RevokeToken({ token }: { token: Token }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const revoke = useMutation(
    trpc.fleet.revokeToken.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.fleet.tokens.pathFilter()),
    }),
  );
  if (token.state !== 'open') return null;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="sm" aria-label={`Revoke token for ${token.target?.name ?? token.kind}`}>
          Revoke
        </Button>
      }
      title="Revoke this token?"
      description="No agent can enrol with it any more."
      confirmLabel="Revoke"
      danger
      onConfirm={() => revoke.mutateAsync({ id: token.id })}
    />
  );
}

const columns: Column<Token>[] = [
  { id: 'target', header: 'For', cell: (t) => `${t.kind} ${t.target?.name ?? '(deleted)'}` },
  { id: 'state', header: 'State', cell: (t) => <Badge tone={tones[t.state]}>{t.state}</Badge> },
  { id: 'accept', header: 'Accepts', cell: (t) => (t.autoAccept ? 'by itself' : 'after you') },
  { id: 'note', header: 'Note', cell: (t) => t.note || MISSING },
  { id: 'by', header: 'Created', cell: (t) => `${formatDateTime(t.createdAt)} by ${t.createdBy}` },
  { id: 'expires', header: 'Expires', cell: (t) => formatDateTime(t.expiresAt) },
  { id: 'actions', header: 'Actions', hideHeader: true, align: 'right', cell: (t) => <RevokeToken token={t} /> },
];
