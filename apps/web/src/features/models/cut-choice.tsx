'use client';

import type { ModelCut } from '@saface/core/models/import-report';
import { useId, useLayoutEffect, useRef } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../../components/ui/table.tsx';
import { describeShare, describeSide } from './describe-cut.ts';

interface CutChoiceProps {
  cuts: readonly ModelCut[];
  chosen: string;
  suggested: string;
  onChange: (tensor: string) => void;
}

/** Where the model is cut: what stands before is frozen and shared, what stands after learns. */
export function CutChoice({ cuts, chosen, suggested, onChange }: CutChoiceProps) {
  const name = useId();
  const list = useRef<HTMLDivElement>(null);
  // Large models have a hundred cuts: the list opens where the suggested one is, which is the one to look at first.
  useLayoutEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[data-suggested]');
    if (list.current && row)
      list.current.scrollTop = row.offsetTop - (list.current.clientHeight - row.offsetHeight) / 2;
  }, []);
  return (
    <fieldset className="grid gap-2">
      <legend className="text-[13px] font-medium">Cut</legend>
      <p className="text-xs text-muted-foreground">
        Later cuts train faster and can adapt less. About two fifths of the work behind the cut is a good start.
      </p>
      <div ref={list} className="relative max-h-96 overflow-y-auto rounded-md border border-border">
        <Table stack aria-label="Places to cut">
          <TableHeader>
            <TableRow className="hover:bg-transparent">
              <TableHead>After tensor</TableHead>
              <TableHead>Shape</TableHead>
              <TableHead>Extractor, frozen</TableHead>
              <TableHead>Learner</TableHead>
              <TableHead>Work that learns</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {cuts.map((cut) => (
              <TableRow key={cut.tensor} data-suggested={cut.tensor === suggested || undefined}>
                <TableCell className="max-w-80">
                  <label className="flex cursor-pointer items-center gap-3 text-left">
                    <input
                      type="radio"
                      name={name}
                      aria-label={`Cut at ${cut.tensor}`}
                      className="size-4 shrink-0 accent-primary"
                      checked={cut.tensor === chosen}
                      onChange={() => onChange(cut.tensor)}
                    />
                    <code className="grow font-mono text-xs break-all">{cut.tensor}</code>
                    {cut.tensor === suggested && <Badge tone="ok">suggested</Badge>}
                  </label>
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
                <TableCell label="Work that learns" className="whitespace-nowrap">
                  {describeShare(cut)}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
    </fieldset>
  );
}
