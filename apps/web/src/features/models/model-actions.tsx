'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { RenameDialog } from '../../components/data/rename-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { formatBytes } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';

type Model = RouterOutputs['models']['list'][number];

export function ModelActions({ model }: { model: Model }) {
  const may = useMay('policy.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const rename = useMutation(trpc.models.rename.mutationOptions());
  if (!may) return null;
  return (
    <span className="inline-flex justify-end gap-2">
      <RenameDialog
        trigger={
          <Button variant="outline" size="icon-sm" aria-label={`Rename ${model.name}`}>
            <Pencil aria-hidden />
          </Button>
        }
        name={model.name}
        description="A base model. Nothing else changes; scenarios and versions show it under the new name."
        onRename={async (name) => {
          await rename.mutateAsync({ id: model.id, name });
          await client.invalidateQueries();
          toast.success(`${model.name} is now ${name}`);
        }}
      />
      {!model.builtIn && <DeleteModel model={model} />}
    </span>
  );
}

function DeleteModel({ model }: { model: Model }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(trpc.models.delete.mutationOptions());
  const { lineages } = model;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="icon-sm" aria-label={`Delete ${model.name}`}>
          <Trash2 aria-hidden />
        </Button>
      }
      title={lineages.length > 0 ? `${model.name} cannot be deleted` : `Delete ${model.name}?`}
      description={
        lineages.length > 0
          ? 'Only a base model that no version descends from can be deleted.'
          : `Its file (${formatBytes(model.bytes)}) goes, with the crops and templates that enrolled pictures have for it. The pictures stay. To use it again, add it again.`
      }
      confirmLabel="Delete model"
      danger
      blocked={
        lineages.length > 0 && (
          <>
            <p className="font-medium">These scenarios have versions of it:</p>
            <ul className="grid list-disc gap-1 pl-4">
              {lineages.map(({ id, name }) => (
                <li key={id}>
                  <Link href={`/scenarios/${id}`} className="break-words text-primary underline underline-offset-4">
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
            <p>Versions apply again after a move back, so the model stays as long as the scenario does.</p>
          </>
        )
      }
      onConfirm={async () => {
        await remove.mutateAsync({ id: model.id });
        await client.invalidateQueries();
        toast.success(`${model.name} deleted`);
      }}
    />
  );
}
