'use client';

import {
  type DecisionPolicy,
  decisionPolicySchema,
  type LearningPolicy,
  learningPolicySchema,
} from '@saface/core/agents/config';
import { type ReactNode, useId } from 'react';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { fieldError } from '../../lib/field-errors.ts';

/** Numbers as text, as inputs hold them. */
export interface PolicyDraft {
  threshold: string;
  margin: string;
  minProbes: string;
  minQuality: string;
  enabled: boolean;
  autoPromote: boolean;
  minTriplets: string;
  maxProbes: string;
}

export function toPolicyDraft(decision: DecisionPolicy, learning: LearningPolicy): PolicyDraft {
  return {
    threshold: decision.threshold === null ? '' : String(decision.threshold),
    margin: String(decision.margin),
    minProbes: String(decision.minProbes),
    minQuality: String(decision.minQuality),
    enabled: learning.enabled,
    autoPromote: learning.autoPromote,
    minTriplets: String(learning.minTriplets),
    maxProbes: String(learning.maxProbes),
  };
}

/** Where a new scenario starts; decisions need a few probes, learning waits for a person to promote. */
export const defaultPolicyDraft: PolicyDraft = {
  threshold: '',
  margin: '0.04',
  minProbes: '3',
  minQuality: '0.3',
  enabled: true,
  autoPromote: true,
  minTriplets: '64',
  maxProbes: '4000',
};

const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

/** The policies, or the first complaint about each field by its path. */
export function parsePolicies(
  draft: PolicyDraft,
): { decision: DecisionPolicy; learning: LearningPolicy } | { errors: Record<string, string> } {
  const decision = decisionPolicySchema.safeParse({
    threshold: draft.threshold.trim() === '' ? null : number(draft.threshold),
    margin: number(draft.margin),
    minProbes: number(draft.minProbes),
    minQuality: number(draft.minQuality),
  });
  const learning = learningPolicySchema.safeParse({
    enabled: draft.enabled,
    autoPromote: draft.autoPromote,
    minTriplets: number(draft.minTriplets),
    maxProbes: number(draft.maxProbes),
  });
  if (decision.success && learning.success) return { decision: decision.data, learning: learning.data };
  const errors: Record<string, string> = {};
  for (const [prefix, result] of [['decision', decision] as const, ['learning', learning] as const]) {
    for (const issue of result.error?.issues ?? []) {
      const path = [prefix, ...issue.path].join('.');
      errors[path] ??= issue.message;
    }
  }
  return { errors };
}

interface PolicyFieldsProps {
  draft: PolicyDraft;
  onChange: (changes: Partial<PolicyDraft>) => void;
  errors: Record<string, string>;
  serverError: unknown;
  disabled?: boolean;
  /** Of the base model, when the scenario has one. */
  defaultThreshold?: number;
}

export function PolicyFields({ draft, onChange, errors, serverError, disabled, defaultThreshold }: PolicyFieldsProps) {
  type NumberKey = Exclude<keyof PolicyDraft, 'enabled' | 'autoPromote'>;
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
          help: `Nearer than this is a match. Empty: what the model brings${defaultThreshold ? ` (base model ${defaultThreshold})` : ''}.`,
          step: '0.01',
        })}
        {input('margin', 'decision.margin', {
          label: 'Runner-up margin',
          help: 'How much nearer the best person must be than the second best.',
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
          help="Triplets are collected from tracks, without labels."
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

interface ToggleProps {
  label: string;
  help: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

function Toggle({ label, help, checked, disabled, onChange }: ToggleProps) {
  const id = useId();
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
      </label>
      <span className="flex h-9 items-center">
        <Switch
          id={id}
          checked={checked}
          disabled={disabled}
          onCheckedChange={onChange}
          aria-describedby={`${id}-help`}
        />
      </span>
      <p id={`${id}-help`} className="text-xs text-muted-foreground">
        {help}
      </p>
    </div>
  );
}
