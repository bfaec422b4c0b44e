'use client';

import type { ModelCut } from '@saface/core/models/import-report';
import { useId } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../../components/ui/table.tsx';
import { describeSide, describeSides } from './describe-cut.ts';

interface CutChoiceProps {
  cuts: readonly ModelCut[];
  chosen: string;
  onChange: (tensor: string) => void;
}

/** Where the model is cut: what stands before is frozen and shared, what stands after learns. */
export function CutChoice({ cuts, chosen, onChange }: CutChoiceProps) {
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="text-[13px] font-medium">Cut</legend>
      <p className="text-xs text-muted-foreground">
        Later cuts train faster and can adapt less. A quarter of the work behind the cut is a good start.
      </p>
      <div className="max-h-96 overflow-y-auto rounded-md border border-border">
        <Table stack aria-label="Places to cut">
          <TableHeader>
            <TableRow className="hover:bg-transparent">
              <TableHead>
                <span className="sr-only">Choose</span>
              </TableHead>
              <TableHead>Tensor</TableHead>
              <TableHead>Shape</TableHead>
              <TableHead>Extractor, frozen</TableHead>
              <TableHead>Learner</TableHead>
              <TableHead>Share</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {cuts.map((cut) => (
              <TableRow key={cut.tensor}>
                <TableCell>
                  <input
                    type="radio"
                    name={name}
                    aria-label={`Cut at ${cut.tensor}`}
                    className="size-4 accent-primary"
                    checked={cut.tensor === chosen}
                    onChange={() => onChange(cut.tensor)}
                  />
                </TableCell>
                <TableCell label="Tensor" className="max-w-60">
                  <code className="font-mono text-xs break-all">{cut.tensor}</code>
                </TableCell>
                <TableCell label="Shape" className="whitespace-nowrap">
                  {cut.shape.join(' × ')}
                </TableCell>
                <TableCell label="Extractor">{describeSide(cut.extractor)}</TableCell>
                <TableCell label="Learner">
                  {describeSide(cut.learner)}
                  {cut.obstacle && (
                    <span className="mt-1 block">
                      <Badge tone="warn">cannot learn: {cut.obstacle}</Badge>
                    </span>
                  )}
                </TableCell>
                <TableCell label="Share" className="whitespace-nowrap">
                  {describeSides(cut)}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
    </fieldset>
  );
}
