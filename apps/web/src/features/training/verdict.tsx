import type { GateVerdictReport } from '@saface/core/agents/report';
import { CircleCheck, CircleMinus } from 'lucide-react';
import { IntervalChart } from '../../components/charts/interval-chart.tsx';
import type { Interval } from '../../components/charts/prepare-interval-scale.ts';
import { Facts } from '../../components/data/facts.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { formatCount, formatGain, formatShare } from '../../lib/format.ts';

interface VerdictProps {
  verdict: GateVerdictReport;
  parent: string;
  candidate: string;
}

/** The gate's answer in words, with the figures it rests on. */
export function Verdict({ verdict, parent, candidate }: VerdictProps) {
  const sides = [
    { label: `${parent} (before)`, score: verdict.champion },
    { label: `${candidate} (after)`, score: verdict.candidate },
  ];
  const intervals: Interval[] = sides.flatMap(({ label, score }) =>
    score ? [{ label, value: score.accuracy, low: score.low, high: score.high }] : [],
  );
  const pairs = verdict.candidate ?? verdict.champion;
  return (
    <div className="grid gap-5 px-4 pb-4 lg:grid-cols-2 *:min-w-0">
      <div className="grid content-start gap-3 text-[13px]">
        <p className="flex flex-wrap items-center gap-2">
          <Badge tone={verdict.passed ? 'ok' : 'warn'}>
            {verdict.passed ? <CircleCheck aria-hidden /> : <CircleMinus aria-hidden />}
            {verdict.passed ? 'Passed' : 'Held back'}
          </Badge>
        </p>
        <p className="break-words">{verdict.reason}</p>
        <Facts
          facts={[
            ...(verdict.gain
              ? [
                  {
                    term: 'Gain',
                    value: `${formatGain(verdict.gain.mean)} [${formatGain(verdict.gain.low)}, ${formatGain(verdict.gain.high)}]`,
                  },
                ]
              : []),
            ...sides.flatMap(({ label, score }) =>
              score ? [{ term: `TAR at FAR 1 %, ${label}`, value: formatShare(score.tarAtFar1e2) }] : [],
            ),
            ...(pairs
              ? [
                  {
                    term: 'Pairs',
                    value: `${formatCount(pairs.genuinePairs)} of one person, ${formatCount(pairs.impostorPairs)} of two`,
                  },
                ]
              : []),
          ]}
        />
      </div>
      {intervals.length > 0 && <IntervalChart label="Label-free accuracy before and after" intervals={intervals} />}
    </div>
  );
}
