'use client';

import type { ReactNode } from 'react';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Toggle } from '../../components/ui/toggle.tsx';
import { fieldError } from '../../lib/field-errors.ts';
import { type PolicyDraft, type ThresholdScale, thresholdHelp } from './policy-draft.ts';
import { ScheduleFields } from './schedule-fields.tsx';

interface PolicyFieldsProps extends ThresholdScale {
  draft: PolicyDraft;
  onChange: (changes: Partial<PolicyDraft>) => void;
  errors: Record<string, string>;
  serverError: unknown;
  disabled?: boolean;
}

export function PolicyFields({
  draft,
  onChange,
  errors,
  serverError,
  disabled,
  defaultThreshold,
  champion,
}: PolicyFieldsProps) {
  type NumberKey =
    | 'threshold'
    | 'falseAlarmsPerWeek'
    | 'margin'
    | 'minProbes'
    | 'minQuality'
    | 'minTriplets'
    | 'maxProbes'
    | 'shadowTracks';
  const input = (key: NumberKey, path: string, words: { label: string; help: string; step: string }) => (
    <Field label={words.label} help={words.help} error={errors[path] ?? fieldError(serverError, path)}>
      {(control) => (
        <Input
          {...control}
          inputMode="decimal"
          type="number"
          step={words.step}
          disabled={disabled}
          value={draft[key]}
          placeholder={key === 'threshold' ? 'from the model' : undefined}
          onChange={(e) => onChange({ [key]: e.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="grid gap-5">
      <Group title="Decision">
        {input('threshold', 'decision.threshold', {
          label: 'Distance threshold',
          help: thresholdHelp(draft.threshold, { defaultThreshold, champion }),
          step: '0.01',
        })}
        {input('falseAlarmsPerWeek', 'decision.falseAlarmsPerWeek', {
          label: 'False alarms a week',
          help: 'Bearable per camera. The threshold follows once the edge has seen enough different people; empty: it stays so near that one track in ten comes within it of a second person, once 50 were seen.',
          step: '0.1',
        })}
        {input('margin', 'decision.margin', {
          label: 'Runner-up margin',
          help: 'How much nearer the best person must be than the second best, as a share of the threshold.',
          step: '0.01',
        })}
        {input('minProbes', 'decision.minProbes', {
          label: 'Probes before a decision',
          help: 'Good crops of a track needed before a name is said.',
          step: '1',
        })}
        {input('minQuality', 'decision.minQuality', {
          label: 'Least quality',
          help: '0 to 1. Worse crops neither decide nor train.',
          step: '0.05',
        })}
      </Group>
      <Group title="Learning">
        <Toggle
          label="Learn from this scenario"
          help="Triplets are collected from tracks, without labels. Switched off, what was collected is deleted."
          checked={draft.enabled}
          disabled={disabled}
          onChange={(enabled) => onChange({ enabled })}
        />
        <Toggle
          label="Promote by itself"
          help="A version that passes the gate goes live without a click."
          checked={draft.autoPromote}
          disabled={disabled}
          onChange={(autoPromote) => onChange({ autoPromote })}
        />
        {input('shadowTracks', 'learning.shadowTracks', {
          label: 'Tracks in shadow',
          help: 'Live tracks on which a candidate must hold beside the champion before it goes live. 0: the gate alone decides.',
          step: '1',
        })}
        {input('minTriplets', 'learning.minTriplets', {
          label: 'Triplets before training',
          help: 'How many must wait before an always-on run starts.',
          step: '1',
        })}
        {input('maxProbes', 'learning.maxProbes', {
          label: 'Probes kept',
          help: 'Bound of the track store; the oldest go first.',
          step: '1',
        })}
      </Group>
      {draft.enabled && (
        <Group title="When it trains">
          <ScheduleFields
            draft={draft}
            onChange={onChange}
            errorOf={(path) => errors[path] ?? fieldError(serverError, path)}
            disabled={disabled}
          />
        </Group>
      )}
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-sm font-semibold">{title}</legend>
      <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2 xl:grid-cols-4">{children}</div>
    </fieldset>
  );
}
