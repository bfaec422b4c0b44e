'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowUpFromLine, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';

interface Version {
  id: string;
  label: string;
}

const why = { label: 'Reason', help: 'Kept with the change in the history and the audit log.', required: true };

function useRefresh() {
  const trpc = useTRPC();
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries(trpc.versions.pathFilter()),
      client.invalidateQueries(trpc.scenarios.pathFilter()),
    ]);
}

interface PromoteProps {
  version: Version & { verdict: { passed: boolean; reason: string } | null };
  champion: Version | undefined;
}

export function PromoteButton({ version, champion }: PromoteProps) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const promote = useMutation(trpc.versions.promote.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="sm" aria-label={`Promote ${version.label}`}>
          <ArrowUpFromLine aria-hidden />
          Promote
        </Button>
      }
      title={`Promote ${version.label}?`}
      description={promotion(version, champion)}
      confirmLabel={isHeldBack(version) ? 'Promote all the same' : 'Promote'}
      danger={isHeldBack(version)}
      reason={why}
      onConfirm={async (reason) => {
        await promote.mutateAsync({ versionId: version.id, reason });
        await refresh();
        toast.success(`${version.label} is the champion`);
      }}
    />
  );
}

const isHeldBack = ({ verdict }: PromoteProps['version']) => verdict?.passed === false;

/** What speaks against a promotion, and what it does. */
function promotion(version: PromoteProps['version'], champion: Version | undefined): ReactNode {
  const instead = champion ? ` in place of ${champion.label}, which stays ready for a roll back` : '';
  return (
    <>
      {isHeldBack(version) && <span className="mb-2 block">{version.verdict?.reason}</span>}
      <span className="block">It becomes the champion{instead}. The edge swaps within seconds, without a gap.</span>
    </>
  );
}

interface RollbackProps {
  scenarioId: string;
  from: Version;
  to: Version;
}

export function RollbackButton({ scenarioId, from, to }: RollbackProps) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const rollback = useMutation(trpc.versions.rollback.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger">
          <Undo2 aria-hidden />
          Roll back
        </Button>
      }
      title={`Roll back to ${to.label}?`}
      description={`${from.label} stops deciding. ${to.label} is still warm on the edge and takes over within seconds.`}
      confirmLabel={`Roll back to ${to.label}`}
      danger
      reason={why}
      onConfirm={async (reason) => {
        await rollback.mutateAsync({ scenarioId, versionId: to.id, reason });
        await refresh();
        toast.success(`Rolled back to ${to.label}`);
      }}
    />
  );
}
