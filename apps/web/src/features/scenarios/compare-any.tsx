'use client';

import { useState } from 'react';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { ComparisonBody } from './comparison-card.tsx';
import type { VersionView } from './version-figures.ts';

/** Any two versions beside each other; starts with the two newest. */
export function CompareAny({ versions }: { versions: VersionView[] }) {
  const newest = [...versions].sort((x, y) => y.number - x.number);
  const [chosen, setChosen] = useState<{ a?: string; b?: string }>({});
  const a = versions.find((v) => v.id === chosen.a)?.id ?? newest[1].id;
  const b = versions.find((v) => v.id === chosen.b)?.id ?? newest[0].id;
  const select = (label: string, value: string, onChange: (id: string) => void) => (
    <Field label={label} className="w-44">
      {(control) => (
        <Select {...control} value={value} onChange={(e) => onChange(e.target.value)}>
          {newest.map((version) => (
            <option key={version.id} value={version.id}>
              {version.label}
              {version.aliases.length > 0 && ` (${version.aliases.join(', ')})`}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  return (
    <Card>
      <CardHeader
        title="Compare two versions"
        actions={
          <div className="flex flex-wrap gap-3">
            {select('Version A', a, (id) => setChosen({ ...chosen, a: id }))}
            {select('Version B', b, (id) => setChosen({ ...chosen, b: id }))}
          </div>
        }
      />
      {a === b ? (
        <p className="px-4 pb-4 text-[13px] text-muted-foreground">Choose two different versions.</p>
      ) : (
        <ComparisonBody a={a} b={b} />
      )}
    </Card>
  );
}
