'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Shuffle, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { Select } from '../../components/ui/select.tsx';
import { plural } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';

type Scenario = RouterOutputs['scenarios']['get'];

/** The base model a scenario stands on, the way to another, and how far a move is. */
export function MoveScenario({ scenario, learnt }: { scenario: Scenario; learnt: number }) {
  const trpc = useTRPC();
  const canWrite = useMay('policy.write');
  const models = useQuery(trpc.models.list.queryOptions(undefined, { enabled: canWrite }));
  const others = models.data?.filter(({ id }) => id !== scenario.baseModel.id) ?? [];
  const { move } = scenario;
  if (!move && (!canWrite || others.length === 0)) return null;
  return (
    <Card>
      <CardHeader title="Base model" description={`This scenario stands on ${scenario.baseModel.name}.`} />
      <CardContent className="grid gap-4">
        {move && <Moving move={move} />}
        {canWrite && move?.status !== 'preparing' && others.length > 0 && (
          <MoveDialog scenario={scenario} others={others} learnt={learnt} />
        )}
      </CardContent>
    </Card>
  );
}

function Moving({ move }: { move: NonNullable<Scenario['move']> }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const canWrite = useMay('policy.write');
  const cancel = useMutation(
    trpc.scenarios.cancelMove.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.scenarios.pathFilter()),
      onError: (error) => toast.error(error.message),
    }),
  );
  if (move.status === 'failed')
    return (
      <p role="alert" className="rounded-md border border-danger/35 bg-danger/8 px-3 py-2 text-[13px] break-words">
        The move to {move.baseModel.name} failed: {move.error}
      </p>
    );
  const share = move.pictures > 0 ? move.prepared / move.pictures : 0;
  return (
    <div role="status" className="grid max-w-xl gap-2 text-[13px]">
      <p>
        On its way to <b className="font-medium break-words">{move.baseModel.name}</b>: {move.prepared} of{' '}
        {plural(move.pictures, 'enrolled picture')} aligned. Recognition goes on with the present model until all are.
      </p>
      <Progress value={share} label="Pictures aligned" />
      {canWrite && (
        <Button
          variant="outline"
          size="sm"
          className="justify-self-start"
          pending={cancel.isPending}
          onClick={() => cancel.mutate({ id: move.id })}
        >
          Cancel the move
        </Button>
      )}
    </div>
  );
}

interface MoveDialogProps {
  scenario: Scenario;
  others: { id: string; name: string; dimension: number; inputSize: number }[];
  learnt: number;
}

function MoveDialog({ scenario, others, learnt }: MoveDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string>();
  const target = others.find(({ id }) => id === chosen) ?? others[0];
  const move = useMutation(trpc.scenarios.move.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" className="justify-self-start">
          <Shuffle aria-hidden />
          Move to another base model
        </Button>
      }
      title="Move to another base model?"
      description="Enrolled pictures are aligned and embedded anew first; then the cameras, the edge and the scenario change together."
      confirmLabel="Move"
      danger
      reason={{ label: 'Reason', help: 'Kept with the change in the history and the audit log.', required: true }}
      onConfirm={async (reason) => {
        await move.mutateAsync({ scenarioId: scenario.id, baseModelId: target.id, reason });
        await client.invalidateQueries(trpc.scenarios.pathFilter());
        toast.success('The move has begun');
      }}
    >
      <Field label="Base model">
        {(control) => (
          <Select {...control} value={target.id} onChange={(e) => setChosen(e.target.value)}>
            {others.map(({ id, name, dimension, inputSize }) => (
              <option key={id} value={id}>
                {name} ({inputSize} px, {dimension} numbers)
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex gap-2 rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px]">
        <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
        <p>
          {learnt > 0
            ? `${plural(learnt, 'learnt version')} of ${scenario.baseModel.name} will no longer apply: `
            : 'What this scenario learns on one base model does not apply to another: '}
          the scenario starts over, tracks gathered so far are let go, and a threshold of your own is dropped. You can
          move back; what was learnt then applies again.
        </p>
      </div>
    </ConfirmDialog>
  );
}
