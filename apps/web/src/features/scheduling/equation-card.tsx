'use client';

import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatNumber, formatShare, MISSING } from '../../lib/format.ts';
import type { EdgePolicy } from './policy-form.tsx';
import { prepareEquation } from './prepare-equation.ts';

interface EquationCardProps {
  view: EdgePolicy;
  load: number | null;
  batch: number | null;
}

/** The paper's Eq. 2, term by term, with what the edge measures now. */
export function EquationCard({ view, load, batch }: EquationCardProps) {
  const { policy, measured } = view;
  const equation = prepareEquation({
    alpha: policy.alpha,
    nE: measured?.nE ?? null,
    bMax: measured?.bMax ?? null,
    load,
    batch,
  });
  const terms: { symbol: string; name: string; value: string }[] = [
    {
      symbol: 'B_max',
      name: 'triplets that fit into one idle interval, measured',
      value: formatNumber(measured?.bMax, 1),
    },
    {
      symbol: 'N_E',
      name: 'faces the edge can process in one interval, measured',
      value: formatNumber(measured?.nE, 1),
    },
    { symbol: 'α', name: 'how strongly training gives way, yours', value: formatNumber(policy.alpha, 2) },
    {
      symbol: 'Σ NP_i',
      name: 'faces of all cameras in one interval, now',
      value: load !== null && measured ? formatNumber(load * measured.nE, 1) : MISSING,
    },
    { symbol: 'Load', name: 'Σ NP_i / N_E', value: formatShare(load, 0) },
  ];
  return (
    <Card>
      <CardHeader
        title="How the batch is decided"
        description="Eq. 2: recognition has priority; training takes what is left."
      />
      <CardContent className="grid gap-4">
        <div className="overflow-x-auto rounded-md bg-muted/70 px-4 py-3">
          <p className="text-sm whitespace-nowrap">
            B<sub>t</sub> = max(0, B<sub>max</sub> × (1 − α × Σ NP<sub>i</sub> / N<sub>E</sub>))
          </p>
          {equation.withNumbers && (
            <p className="tabular mt-1 text-sm whitespace-nowrap text-muted-foreground">
              B<sub>t</sub> = {equation.withNumbers}
            </p>
          )}
        </div>
        <p className="text-[13px]" aria-live="off">
          {equation.explanation}
          {equation.batch !== null && (
            <span className="text-muted-foreground">
              {' '}
              The edge reports a batch of {formatNumber(equation.batch, 1)} triplets.
            </span>
          )}
        </p>
        <dl className="grid gap-x-6 gap-y-1.5 text-[13px] sm:grid-cols-[auto_minmax(0,1fr)_auto]">
          {terms.map((term) => (
            <div key={term.symbol} className="contents">
              <dt className="font-medium max-sm:mt-1">{term.symbol}</dt>
              <dd className="text-muted-foreground">{term.name}</dd>
              <dd className="text-right font-medium max-sm:text-left">{term.value}</dd>
            </div>
          ))}
        </dl>
      </CardContent>
    </Card>
  );
}
