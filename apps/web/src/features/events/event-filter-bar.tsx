'use client';

import { useQuery } from '@tanstack/react-query';
import { FilterX, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { cn } from '../../lib/cn.ts';
import { IdentityPicker } from '../identities/index.ts';
import { DraftInput } from './draft-input.tsx';
import type { FilterKey, Filters } from './event-filters.ts';

interface EventFilterBarProps {
  filters: Filters;
  onChange: (changes: Filters) => void;
  onClear: () => void;
}

interface Choice {
  value: string;
  label: string;
}

const decisions: Choice[] = [
  { value: 'recognised', label: 'Recognised' },
  { value: 'unknown', label: 'Unknown' },
];
const reviews: Choice[] = [
  { value: 'none', label: 'Not reviewed' },
  { value: 'confirmed', label: 'Confirmed' },
  { value: 'rejected', label: 'Not this person' },
  { value: 'assigned', label: 'Assigned' },
];

export function EventFilterBar({ filters, onChange, onClear }: EventFilterBarProps) {
  const trpc = useTRPC();
  /** On a phone the filters would push every event off the screen. */
  const [open, setOpen] = useState(false);
  const sites = useQuery(trpc.sites.list.queryOptions());
  const cameras = useQuery(trpc.cameras.list.queryOptions({}));
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}));
  const versions = useQuery({
    ...trpc.versions.list.queryOptions({ scenarioId: filters.scenarioId ?? '' }),
    enabled: filters.scenarioId !== undefined,
  });
  const person = useQuery({
    ...trpc.identities.get.queryOptions({ id: filters.identityId ?? '' }),
    enabled: filters.identityId !== undefined,
  });
  const named = (list: { id: string; name: string }[] | undefined): Choice[] =>
    list?.map((x) => ({ value: x.id, label: x.name })) ?? [];

  const count = Object.keys(filters).length;
  const select = (key: FilterKey, label: string, choices: Choice[]) => (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={filters[key] ?? ''} onChange={(e) => onChange({ [key]: e.target.value })}>
          <option value="">All</option>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  const input = (key: FilterKey, label: string, props: { type: string; step?: string; min?: string }) => (
    <Field label={label} className={props.type === 'datetime-local' ? 'max-sm:col-span-2' : undefined}>
      {(control) => (
        <DraftInput
          {...control}
          {...props}
          value={filters[key] ?? ''}
          onCommit={(value) => onChange({ [key]: value })}
        />
      )}
    </Field>
  );

  return (
    <search aria-label="Filter events" className="grid gap-3 p-4">
      <Button
        variant="outline"
        className="justify-self-start sm:hidden"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <SlidersHorizontal aria-hidden />
        Filters{count > 0 && ` (${count})`}
      </Button>
      <div
        className={cn(
          'grid-cols-2 gap-x-3 gap-y-2.5 sm:grid sm:grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] *:min-w-0',
          open ? 'grid' : 'hidden',
        )}
      >
        {select('decision', 'Decision', decisions)}
        {select('review', 'Review', reviews)}
        {select('cameraId', 'Camera', named(cameras.data))}
        <Field label="Person">
          {(control) => (
            <IdentityPicker
              id={control.id}
              label="Person"
              value={filters.identityId ? { id: filters.identityId, name: person.data?.name ?? 'Chosen person' } : null}
              onChange={(identity) => onChange({ identityId: identity.id })}
              onClear={() => onChange({ identityId: '' })}
            />
          )}
        </Field>
        {select('siteId', 'Site', named(sites.data))}
        {select('scenarioId', 'Scenario', named(scenarios.data))}
        {filters.scenarioId !== undefined &&
          select(
            'versionId',
            'Model version',
            versions.data?.versions.map((v) => ({ value: v.id, label: v.label })) ?? [],
          )}
        {input('from', 'From', { type: 'datetime-local' })}
        {input('to', 'To', { type: 'datetime-local' })}
        {input('maxDistance', 'Distance at most', { type: 'number', step: '0.01', min: '0' })}
        <div className="flex items-end">
          <Button variant="ghost" onClick={onClear} disabled={count === 0}>
            <FilterX aria-hidden />
            Clear filters
          </Button>
        </div>
      </div>
    </search>
  );
}
