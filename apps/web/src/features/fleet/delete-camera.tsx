'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { useMay } from '../session/index.ts';
import type { CameraView } from './camera-dialog.tsx';

export function DeleteCamera({ camera }: { camera: CameraView }) {
  const may = useMay('camera.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(trpc.cameras.delete.mutationOptions({ onSuccess: () => client.invalidateQueries() }));
  if (!may) return null;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="icon-sm" aria-label={`Delete ${camera.name}`}>
          <Trash2 aria-hidden />
        </Button>
      }
      title={`Delete ${camera.name}?`}
      description="Its agent stops sending. Events that it took part in stay. If it is the last camera of its scenario on its edge, what was collected there for learning is deleted."
      confirmLabel="Delete camera"
      danger
      onConfirm={() => remove.mutateAsync({ id: camera.id })}
    />
  );
}
