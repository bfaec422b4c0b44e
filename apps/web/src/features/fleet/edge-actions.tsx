'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { RenameDialog } from '../../components/data/rename-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { useMay } from '../session/index.ts';
import { edgeObstacles } from './edge-obstacles.ts';

export type Edge = RouterOutputs['fleet']['list']['edges'][number];

export function EdgeActions({ edge }: { edge: Edge }) {
  const may = useMay('fleet.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const rename = useMutation(trpc.fleet.renameEdge.mutationOptions());
  const remove = useMutation(trpc.fleet.deleteEdge.mutationOptions());
  if (!may) return null;
  const obstacles = edgeObstacles(edge);
  return (
    <>
      <RenameDialog
        trigger={
          <Button variant="outline" size="icon-sm" aria-label={`Rename ${edge.name}`}>
            <Pencil aria-hidden />
          </Button>
        }
        name={edge.name}
        description={`An edge of ${edge.site.name}. It goes on as it is; what it did before is shown under the new name.`}
        onRename={async (name) => {
          await rename.mutateAsync({ id: edge.id, name });
          await client.invalidateQueries();
          toast.success(`${edge.name} is now ${name}`);
        }}
      />
      <ConfirmDialog
        trigger={
          <Button variant="outline" size="icon-sm" aria-label={`Delete ${edge.name}`}>
            <Trash2 aria-hidden />
          </Button>
        }
        title={obstacles.length > 0 ? `${edge.name} cannot be deleted yet` : `Delete ${edge.name}?`}
        description={
          obstacles.length > 0
            ? 'Only an edge that is out of service can be deleted.'
            : edge.agent === null
              ? 'No machine was ever enrolled as this edge; its tokens go with it.'
              : 'It leaves the fleet with its log, its tokens and its orders. Versions, events and training runs stay; a run that was under way counts as cancelled. This cannot be undone.'
        }
        confirmLabel="Delete edge"
        danger
        blocked={
          obstacles.length > 0 && (
            <ul className="grid list-disc gap-1 pl-4">
              {obstacles.map((obstacle) => (
                <li key={obstacle}>{obstacle}</li>
              ))}
            </ul>
          )
        }
        onConfirm={async () => {
          await remove.mutateAsync({ id: edge.id });
          await client.invalidateQueries();
          toast.success(`${edge.name} deleted`);
        }}
      >
        {edge.agent && (
          <p className="rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px]">
            Its machine keeps what it has, faces included, until it is wiped: delete its data folder there. Receipts of
            erasures that it has not carried out will say so.
          </p>
        )}
      </ConfirmDialog>
    </>
  );
}
