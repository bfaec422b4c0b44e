'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, CircleX, RotateCw } from 'lucide-react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { errorText } from '../../lib/error-text.ts';
import { useMay } from '../session/index.ts';

export type RunView = RouterOutputs['training']['list']['items'][number];

/** Orders reach the edge with its next report, about a second later; the run's status follows then. */
export function RunActions({ run }: { run: RunView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMay('training.control');
  const told = (what: string) => ({
    onSuccess: () => {
      void client.invalidateQueries(trpc.training.pathFilter());
      toast.success(`The edge has been told to ${what}`);
    },
  });
  const onError = (error: unknown) => {
    const { message, remedy } = errorText(error);
    toast.error(message, { description: remedy ?? undefined });
  };
  const pause = useMutation(trpc.training.pause.mutationOptions({ ...told('pause'), onError }));
  const resume = useMutation(trpc.training.resume.mutationOptions({ ...told('resume'), onError }));
  const cancel = useMutation(trpc.training.cancel.mutationOptions(told('cancel')));
  const again = useMutation(trpc.training.now.mutationOptions({ ...told('train again'), onError }));
  if (!may) return null;
  if (run.status === 'failed' || run.status === 'cancelled')
    return (
      <Button variant="outline" pending={again.isPending} onClick={() => again.mutate({ scenarioId: run.scenario.id })}>
        <RotateCw aria-hidden />
        Train again
      </Button>
    );
  if (run.status === 'done') return null;
  return (
    <>
      {run.status === 'running' && (
        <Button variant="outline" pending={pause.isPending} onClick={() => pause.mutate({ runId: run.id })}>
          <CirclePause aria-hidden />
          Pause
        </Button>
      )}
      {run.status === 'paused' && (
        <Button variant="outline" pending={resume.isPending} onClick={() => resume.mutate({ runId: run.id })}>
          <CirclePlay aria-hidden />
          Resume
        </Button>
      )}
      <ConfirmDialog
        trigger={
          <Button variant="danger">
            <CircleX aria-hidden />
            Cancel run
          </Button>
        }
        title="Cancel this run?"
        description="What it learnt so far is thrown away. Tracks and triplets stay for the next run."
        confirmLabel="Cancel run"
        danger
        onConfirm={() => cancel.mutateAsync({ runId: run.id })}
      />
    </>
  );
}
