'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { RenameDialog } from '../../components/data/rename-dialog.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { inWords } from '../../lib/describe-contents.ts';
import { plural } from '../../lib/format.ts';
import type { Leave } from '../../lib/use-leaving.ts';
import { useMay } from '../session/index.ts';
import { describeScenarioContents } from './describe-scenario-contents.ts';

type Scenario = RouterOutputs['scenarios']['get'];

interface ScenarioActionsProps {
  scenario: Scenario;
  leave: Leave;
}

export function ScenarioActions({ scenario, leave }: ScenarioActionsProps) {
  const may = useMay('policy.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const rename = useMutation(trpc.scenarios.rename.mutationOptions());
  if (!may) return null;
  return (
    <>
      <RenameDialog
        trigger={
          <Button variant="outline">
            <Pencil aria-hidden />
            Rename
          </Button>
        }
        name={scenario.name}
        description={`A scenario of ${scenario.site.name}. Nothing else changes; what it learnt and saw before is shown under the new name.`}
        onRename={async (name) => {
          await rename.mutateAsync({ id: scenario.id, name });
          await client.invalidateQueries();
          toast.success(`${scenario.name} is now ${name}`);
        }}
      />
      <DeleteScenario scenario={scenario} leave={leave} />
    </>
  );
}

function DeleteScenario({ scenario, leave }: ScenarioActionsProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const remove = useMutation(trpc.scenarios.delete.mutationOptions());
  const { id, name, cameras } = scenario;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger">
          <Trash2 aria-hidden />
          Delete
        </Button>
      }
      title={cameras.length > 0 ? `${name} cannot be deleted yet` : `Delete ${name}?`}
      description={
        cameras.length > 0
          ? 'Only a scenario without cameras can be deleted.'
          : 'What it learnt and what its cameras saw for it is deleted. This cannot be undone.'
      }
      confirmLabel="Delete scenario"
      danger
      typed={name}
      blocked={
        cameras.length > 0 && (
          <>
            <p className="font-medium break-words">
              {plural(cameras.length, 'camera')} {cameras.length === 1 ? 'belongs' : 'belong'} to it:{' '}
              {inWords(cameras.map((camera) => camera.name))}.
            </p>
            <p>
              Move {cameras.length === 1 ? 'it' : 'each'} to another scenario, or delete it, under{' '}
              <Link href="/fleet" className="text-primary underline underline-offset-4">
                Fleet
              </Link>
              . Once no camera is left, the edge stops learning for this scenario and deletes what it collected for it.
            </p>
          </>
        )
      }
      onConfirm={async () => {
        await leave(() => remove.mutateAsync({ id }));
        router.push('/scenarios');
        client.removeQueries(trpc.scenarios.get.queryFilter({ id }));
        void client.invalidateQueries(trpc.scenarios.list.pathFilter());
        toast.success(`${name} deleted`);
      }}
    >
      <WhatGoes id={id} />
    </ConfirmDialog>
  );
}

function WhatGoes({ id }: { id: string }) {
  const trpc = useTRPC();
  const contents = useQuery(trpc.scenarios.contents.queryOptions({ id }, { staleTime: 0 }));
  return (
    <QueryState query={contents}>
      {(found) => (
        <div className="grid gap-1 rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px]">
          <p>
            <b className="font-medium">Goes:</b>{' '}
            {describeScenarioContents(found) ?? 'nothing but its policies; it has learnt and seen nothing yet'}.
          </p>
          <p>
            <b className="font-medium">Stays:</b> enrolled people and their galleries, receipts of erasures, the audit
            log.
          </p>
        </div>
      )}
    </QueryState>
  );
}
