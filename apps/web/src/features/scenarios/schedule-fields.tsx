'use client';

import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Select } from '../../components/ui/select.tsx';
import { Toggle } from '../../components/ui/toggle.tsx';
import type { PolicyDraft } from './policy-draft.ts';

const modes: { value: PolicyDraft['mode']; label: string }[] = [
  { value: 'as-edge', label: 'As its edge is set' },
  { value: 'always-on', label: 'Always on' },
  { value: 'periodic', label: 'Periodic' },
];

const helps: Record<PolicyDraft['mode'], string> = {
  'as-edge': 'The mode under Scheduling holds for all scenarios that do not choose.',
  'always-on': 'A run starts as soon as enough triplets wait.',
  periodic: 'Triplets are kept; a run starts when the time has come.',
};

interface ScheduleFieldsProps {
  draft: PolicyDraft;
  onChange: (changes: Partial<PolicyDraft>) => void;
  errorOf: (path: string) => string | null | undefined;
  disabled: boolean | undefined;
}

/** Always-on or periodic, and when not; the edge may be stricter. */
export function ScheduleFields({ draft, onChange, errorOf, disabled }: ScheduleFieldsProps) {
  const time = (key: 'quietFrom' | 'quietTo', label: string, path: string) => (
    <Field label={label} error={errorOf(path)}>
      {(control) => (
        <Input
          {...control}
          type="time"
          disabled={disabled}
          value={draft[key]}
          onChange={(e) => onChange({ [key]: e.target.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      <Field label="Training mode" help={helps[draft.mode]}>
        {(control) => (
          <Select
            {...control}
            disabled={disabled}
            value={draft.mode}
            onChange={(e) => {
              const mode = modes.find(({ value }) => value === e.target.value);
              if (mode) onChange({ mode: mode.value });
            }}
          >
            {modes.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {draft.mode === 'periodic' && (
        <Field label="Minutes between runs" help="60 is once an hour." error={errorOf('learning.intervalMinutes')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              inputMode="numeric"
              step="1"
              disabled={disabled}
              value={draft.intervalMinutes}
              onChange={(e) => onChange({ intervalMinutes: e.target.value })}
            />
          )}
        </Field>
      )}
      <Toggle
        label="Quiet hours"
        help="No training then, in the edge’s local time. The edge’s own quiet hours hold as well."
        checked={draft.quiet}
        disabled={disabled}
        onChange={(quiet) => onChange({ quiet })}
      />
      {draft.quiet && (
        <div className="grid content-start grid-cols-2 gap-3">
          {time('quietFrom', 'From', 'learning.quietHours.from')}
          {time('quietTo', 'To', 'learning.quietHours.to')}
        </div>
      )}
    </>
  );
}
