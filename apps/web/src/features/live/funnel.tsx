import { formatCount } from '../../lib/format.ts';
import { type Funnel as FunnelCounts, prepareFunnel } from './prepare-funnel.ts';

export function Funnel({ funnel }: { funnel: FunnelCounts }) {
  const { steps, advice } = prepareFunnel(funnel);
  return (
    <div className="grid gap-2 text-[13px]">
      <ol aria-label={`From frames to names, last ${funnel.seconds} seconds`} className="grid gap-1.5">
        {steps.map((step) => (
          <li key={step.label} className="grid grid-cols-[5.5rem_minmax(0,1fr)_3.5rem] items-center gap-2">
            <span className="text-muted-foreground">{step.label}</span>
            <span aria-hidden className="h-2 rounded-sm bg-muted">
              {step.share !== null && (
                <span
                  className="block h-full min-w-px rounded-sm bg-chart-1"
                  style={{ width: `${(step.share * 100).toFixed(1)}%` }}
                />
              )}
            </span>
            <span className="tabular text-right">{formatCount(step.count)}</span>
          </li>
        ))}
      </ol>
      {advice && <p className="text-muted-foreground">{advice}</p>}
    </div>
  );
}
