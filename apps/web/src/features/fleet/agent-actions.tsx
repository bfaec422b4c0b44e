'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ScrollText, ShieldOff } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Sheet, SheetContent, SheetTrigger } from '../../components/ui/sheet.tsx';
import { cn } from '../../lib/cn.ts';
import { errorText } from '../../lib/error-text.ts';
import { formatDateTime } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import type { AgentView } from './agent-status.tsx';

export function AgentActions({ agent }: { agent: AgentView | null }) {
  const may = useMay('fleet.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries(trpc.fleet.pathFilter());
  const revoke = useMutation(trpc.fleet.revokeAgent.mutationOptions({ onSuccess: refresh }));
  if (!agent) return null;
  return (
    <span className="inline-flex justify-end gap-2">
      <LogSheet agent={agent} />
      {may && agent.status === 'pending' && <AcceptButton agent={agent} />}
      {may && agent.status !== 'revoked' && (
        <ConfirmDialog
          trigger={
            <Button variant="outline" size="icon-sm" aria-label={`Revoke ${agent.name}`}>
              <ShieldOff aria-hidden />
            </Button>
          }
          title={`Revoke ${agent.name}?`}
          description="Its credential stops working at once, so it hears of nothing any more, erasures included: stop its agent on the machine, and delete its data folder there if it will not come back. To connect the machine again, create a new enrolment token."
          confirmLabel="Revoke"
          danger
          reason={{ label: 'Reason', help: 'Kept in the audit log.', required: true }}
          onConfirm={(reason) => revoke.mutateAsync({ id: agent.id, reason })}
        />
      )}
    </span>
  );
}

export function AcceptButton({ agent }: { agent: AgentView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const accept = useMutation(
    trpc.fleet.acceptAgent.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.fleet.pathFilter());
        toast.success(`${agent.name} accepted`);
      },
      onError: (error) => toast.error(error.message, { description: errorText(error).remedy ?? undefined }),
    }),
  );
  return (
    <Button
      size="sm"
      aria-label={`Accept ${agent.name}`}
      pending={accept.isPending}
      onClick={() => accept.mutate({ id: agent.id })}
    >
      Accept
    </Button>
  );
}

const levels = { info: 'text-muted-foreground', warn: 'text-warn', error: 'text-danger' } as const;

function LogSheet({ agent }: { agent: AgentView }) {
  const [open, setOpen] = useState(false);
  return (
    <Sheet open={open} onOpenChange={setOpen}>
      <SheetTrigger asChild>
        <Button variant="outline" size="icon-sm" aria-label={`Log of ${agent.name}`}>
          <ScrollText aria-hidden />
        </Button>
      </SheetTrigger>
      <SheetContent
        title={`Log of ${agent.name}`}
        description="Newest first, as the agent sent it."
        className="max-w-xl"
      >
        <Log agentId={agent.id} />
      </SheetContent>
    </Sheet>
  );
}

function Log({ agentId }: { agentId: string }) {
  const trpc = useTRPC();
  const logs = useQuery(trpc.fleet.logs.queryOptions({ agentId, limit: 200 }, { refetchInterval: 3000 }));
  return (
    <QueryState
      query={logs}
      isEmpty={(lines) => lines.length === 0}
      empty={<p className="px-5 py-4 text-[13px] text-muted-foreground">The agent has sent nothing yet.</p>}
    >
      {(lines) => (
        <ol className="divide-y divide-border/70 px-5 py-2 text-xs">
          {lines.map((line) => (
            <li key={line.id} className="grid gap-0.5 py-2">
              <span className={cn('tabular', levels[line.level])}>
                {formatDateTime(line.time)} · {line.level}
              </span>
              <span className="font-mono break-words whitespace-pre-wrap">{line.message}</span>
            </li>
          ))}
        </ol>
      )}
    </QueryState>
  );
}
