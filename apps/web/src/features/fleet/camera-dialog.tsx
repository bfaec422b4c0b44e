'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { QueryState } from '../../components/data/states.tsx';
import { Checkbox } from '../../components/ui/checkbox.tsx';
import { Dialog, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { fieldError } from '../../lib/field-errors.ts';
import { Submit } from './create-dialogs.tsx';
import { emptySource, parseSource, toSourceDraft } from './source-draft.ts';
import { SourceFields } from './source-fields.tsx';

export type CameraView = RouterOutputs['cameras']['list'][number];

interface CameraDialogProps {
  trigger: ReactNode;
  /** Edit this one; a new one when absent. */
  camera?: CameraView;
}

export function CameraDialog({ trigger, camera }: CameraDialogProps) {
  const [open, setOpen] = useState(false);
  const trpc = useTRPC();
  const sites = useQuery(trpc.sites.list.queryOptions(undefined, { enabled: open }));
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}, { enabled: open }));
  const fleet = useQuery(trpc.fleet.list.queryOptions({}, { enabled: open }));
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent
        title={camera ? `Edit ${camera.name}` : 'Add a camera'}
        description={
          camera
            ? 'The camera agent applies it within seconds.'
            : 'Where its pictures come from, and which model watches it.'
        }
        className="max-w-2xl"
      >
        <QueryState query={sites}>
          {(siteList) => (
            <QueryState query={scenarios}>
              {(scenarioList) => (
                <QueryState query={fleet}>
                  {({ edges }) => (
                    <CameraForm
                      camera={camera}
                      sites={siteList}
                      scenarios={scenarioList}
                      edges={edges}
                      onDone={() => setOpen(false)}
                    />
                  )}
                </QueryState>
              )}
            </QueryState>
          )}
        </QueryState>
      </DialogContent>
    </Dialog>
  );
}

interface CameraFormProps {
  camera?: CameraView;
  sites: RouterOutputs['sites']['list'];
  scenarios: RouterOutputs['scenarios']['list'];
  edges: RouterOutputs['fleet']['list']['edges'];
  onDone: () => void;
}

const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

function CameraForm({ camera, sites, scenarios, edges, onDone }: CameraFormProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const unpacedId = useId();
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState(camera?.name ?? '');
  const [siteId, setSiteId] = useState(camera?.site.id ?? sites[0]?.id ?? '');
  const here = scenarios.filter((s) => s.site.id === siteId);
  const edgesHere = edges.filter((e) => e.site.id === siteId);
  const [scenarioChoice, setScenarioId] = useState(camera?.scenario.id ?? '');
  const scenarioId = here.find((s) => s.id === scenarioChoice)?.id ?? here[0]?.id ?? '';
  const [edgeChoice, setEdgeId] = useState(camera ? (camera.edge?.id ?? 'none') : '');
  const edgeId =
    edgeChoice === 'none' ? 'none' : (edgesHere.find((e) => e.id === edgeChoice)?.id ?? edgesHere[0]?.id ?? 'none');
  const [source, setSource] = useState(camera ? toSourceDraft(camera.source) : emptySource);
  const [sampleRate, setSampleRate] = useState(String(camera?.sampleRate ?? 5));
  const [minFaceSize, setMinFaceSize] = useState(String(camera?.minFaceSize ?? 40));
  const [detectorThreshold, setDetectorThreshold] = useState(String(camera?.detectorThreshold ?? 0.5));
  const [unpaced, setUnpaced] = useState(camera?.unpaced ?? false);

  const onSuccess = async () => {
    await Promise.all([
      client.invalidateQueries(trpc.cameras.pathFilter()),
      client.invalidateQueries(trpc.fleet.pathFilter()),
      client.invalidateQueries(trpc.live.pathFilter()),
    ]);
    toast.success(camera ? 'Camera saved' : 'Camera added', {
      description: camera ? undefined : 'Create an enrolment token for its agent next.',
    });
    onDone();
  };
  const create = useMutation(trpc.cameras.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.cameras.update.mutationOptions({ onSuccess }));
  const error = create.error ?? update.error;
  const parsed = parseSource(source);
  const leaves = camera?.edge != null && (edgeId !== camera.edge.id || scenarioId !== camera.scenario.id);

  const submit = () => {
    setAsked(true);
    if (name.trim() === '' || !scenarioId || !parsed.source) return;
    const values = {
      scenarioId,
      edgeServerId: edgeId === 'none' ? null : edgeId,
      name: name.trim(),
      source: parsed.source,
      sampleRate: number(sampleRate),
      unpaced,
      minFaceSize: number(minFaceSize),
      detectorThreshold: number(detectorThreshold),
    };
    if (camera) update.mutate({ id: camera.id, ...values });
    else create.mutate({ siteId, ...values });
  };

  return (
    <Form className="grid gap-5" onSubmit={submit}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" error={asked && name.trim() === '' ? 'Enter a name.' : fieldError(error, 'name')}>
          {(control) => <Input {...control} maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />}
        </Field>
        <Field label="Site" error={sites.length === 0 ? 'Create a site first.' : fieldError(error, 'siteId')}>
          {(control) => (
            <Select {...control} disabled={Boolean(camera)} value={siteId} onChange={(e) => setSiteId(e.target.value)}>
              {sites.map((site) => (
                <option key={site.id} value={site.id}>
                  {site.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Scenario"
          help="Cameras with a similar view share one adapted model."
          error={
            here.length === 0
              ? 'This site has no scenario: create one under Scenarios.'
              : fieldError(error, 'scenarioId')
          }
        >
          {(control) => (
            <Select {...control} value={scenarioId} onChange={(e) => setScenarioId(e.target.value)}>
              {here.map((s) => (
                <option key={s.id} value={s.id}>
                  {s.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Edge" help="Recognises the faces this camera sends." error={fieldError(error, 'edgeServerId')}>
          {(control) => (
            <Select {...control} value={edgeId} onChange={(e) => setEdgeId(e.target.value)}>
              {edgesHere.map((e) => (
                <option key={e.id} value={e.id}>
                  {e.name}
                </option>
              ))}
              <option value="none">None yet</option>
            </Select>
          )}
        </Field>
      </div>
      {leaves && (
        <p role="status" className="text-[13px] text-muted-foreground">
          If no other camera of its scenario is left on its edge, what was collected there for learning is deleted.
        </p>
      )}
      <SourceFields draft={source} onChange={setSource} error={asked ? parsed.error : fieldError(error, 'source')} />
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="Frames per second" help="Handed to detection." error={fieldError(error, 'sampleRate')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              step="0.1"
              value={sampleRate}
              onChange={(e) => setSampleRate(e.target.value)}
            />
          )}
        </Field>
        <Field label="Least face size" help="Pixels of the frame." error={fieldError(error, 'minFaceSize')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              step="1"
              value={minFaceSize}
              onChange={(e) => setMinFaceSize(e.target.value)}
            />
          )}
        </Field>
        <Field
          label="Detector threshold"
          help="0.05 to 0.99; lower finds more."
          error={fieldError(error, 'detectorThreshold')}
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              step="0.05"
              value={detectorThreshold}
              onChange={(e) => setDetectorThreshold(e.target.value)}
            />
          )}
        </Field>
      </div>
      {(source.kind === 'file' || source.kind === 'simulator') && (
        <div className="flex items-start gap-2.5">
          <Checkbox id={unpacedId} checked={unpaced} onCheckedChange={(checked) => setUnpaced(checked === true)} />
          <div className="grid gap-0.5">
            <label htmlFor={unpacedId} className="text-[13px] font-medium">
              As fast as the edge takes them
            </label>
            <p className="text-xs text-muted-foreground">
              For evaluating a recording: no frame is dropped. Off: frames come as from a live camera.
            </p>
          </div>
        </div>
      )}
      <Submit
        label={camera ? 'Save camera' : 'Add camera'}
        pending={create.isPending || update.isPending}
        error={error}
      />
    </Form>
  );
}
