'use client';

import { useId } from 'react';
import { Checkbox } from '../../components/ui/checkbox.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { type SourceDraft, sourceKinds } from './source-draft.ts';

interface SourceFieldsProps {
  draft: SourceDraft;
  onChange: (draft: SourceDraft) => void;
  error: string | null;
}

export function SourceFields({ draft, onChange, error }: SourceFieldsProps) {
  const loopId = useId();
  const set = (changes: Partial<SourceDraft>) => onChange({ ...draft, ...changes });
  const text = (key: 'file' | 'rtsp' | 'http' | 'device', label: string) => (
    <Field label={label} error={error} className="sm:col-span-2">
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          spellCheck={false}
          value={draft[key]}
          onChange={(e) => set({ [key]: e.target.value })}
        />
      )}
    </Field>
  );
  return (
    <fieldset className="grid gap-4 rounded-lg border border-border p-3.5 sm:grid-cols-3">
      <legend className="px-1 text-[13px] font-medium">Source</legend>
      <Field label="Kind" help={sourceKinds.find((k) => k.value === draft.kind)?.help}>
        {(control) => (
          <Select
            {...control}
            value={draft.kind}
            onChange={(e) => {
              const kind = sourceKinds.find((k) => k.value === e.target.value);
              if (kind) set({ kind: kind.value });
            }}
          >
            {sourceKinds.map((kind) => (
              <option key={kind.value} value={kind.value}>
                {kind.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {draft.kind === 'rtsp' && text('rtsp', 'Address')}
      {draft.kind === 'http' && text('http', 'Address')}
      {draft.kind === 'device' && text('device', 'Device')}
      {draft.kind === 'file' && text('file', 'Path')}
      {draft.kind === 'simulator' && (
        <>
          <Field label="Scene">
            {(control) => (
              <Select
                {...control}
                value={draft.simulator}
                onChange={(e) => set({ simulator: e.target.value === 'entrance' ? 'entrance' : 'corridor' })}
              >
                <option value="corridor">Corridor</option>
                <option value="entrance">Entrance</option>
              </Select>
            )}
          </Field>
          <Field label="Seed" help="The same seed gives the same people." error={error}>
            {(control) => (
              <Input
                {...control}
                type="number"
                step="1"
                value={draft.seed}
                onChange={(e) => set({ seed: e.target.value })}
              />
            )}
          </Field>
        </>
      )}
      {draft.kind === 'simulator' && (
        <Field label="Length (s)" help="Rendered once, which takes a few minutes.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min="5"
              max="3600"
              value={draft.seconds}
              onChange={(e) => set({ seconds: e.target.value })}
            />
          )}
        </Field>
      )}
      {draft.kind === 'simulator' && (
        <Field label="Played part (%)" help="The rest stays unseen, for evaluation.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min="1"
              max="100"
              value={draft.percent}
              onChange={(e) => set({ percent: e.target.value })}
            />
          )}
        </Field>
      )}
      {(draft.kind === 'file' || draft.kind === 'simulator') && (
        <div className="flex items-center gap-2.5 sm:col-span-3">
          <Checkbox id={loopId} checked={draft.loop} onCheckedChange={(checked) => set({ loop: checked === true })} />
          <label htmlFor={loopId} className="text-[13px] font-medium">
            Start again at the end
          </label>
        </div>
      )}
    </fieldset>
  );
}
