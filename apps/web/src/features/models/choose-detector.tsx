'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ScanFace } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { useMay } from '../session/index.ts';

type Model = RouterOutputs['models']['list'][number];

/** Gives a base model another detector; shown where there is another, to those who may. */
export function ChooseDetector({ model }: { model: Model }) {
  const trpc = useTRPC();
  const canWrite = useMay('policy.write');
  const client = useQueryClient();
  const detectors = useQuery(trpc.models.detectors.queryOptions());
  const others = (detectors.data ?? []).filter(({ id }) => id !== model.detector.id);
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = others.find(({ id }) => id === picked) ?? others[0];
  const choose = useMutation(trpc.models.chooseDetector.mutationOptions());
  if (!canWrite || !chosen) return null;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" size="sm" aria-label={`Change the detector of ${model.name}`}>
          <ScanFace aria-hidden />
          Change
        </Button>
      }
      title={`Another detector for ${model.name}`}
      description="Cameras of its scenarios open it within seconds. Enrolled pictures keep the crops they have; pictures added later are cut with it."
      confirmLabel="Use it"
      reason={{ label: 'Reason', help: 'Kept in the audit log.', required: true }}
      onConfirm={async (reason) => {
        await choose.mutateAsync({ baseModelId: model.id, detectorId: chosen.id, reason });
        await client.invalidateQueries(trpc.models.pathFilter());
        toast.success(`${model.name} uses ${chosen.name}`);
      }}
    >
      <Field label="Detector">
        {(control) => (
          <Select {...control} value={chosen.id} onChange={(event) => setPicked(event.target.value)}>
            {others.map(({ id, name, family }) => (
              <option key={id} value={id}>
                {name}, {family}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </ConfirmDialog>
  );
}
