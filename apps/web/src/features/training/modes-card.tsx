import Link from 'next/link';
import type { RouterOutputs } from '@/lib/trpc/types';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { describeSchedule } from './describe-schedule.ts';

type Scenario = RouterOutputs['scenarios']['list'][number];

/** When each scenario trains, as its own settings and those of its edge come out together. */
export function ModesCard({ scenarios }: { scenarios: Scenario[] }) {
  if (scenarios.length === 0) return null;
  return (
    <Card>
      <CardHeader title="Modes" description="Each scenario decides when it trains, within what its edge allows." />
      <ul aria-label="Training modes" className="max-h-64 divide-y divide-border overflow-y-auto text-[13px]">
        {scenarios.map((scenario) => (
          <li key={scenario.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
            <Link
              href={`/scenarios/${scenario.id}#policies`}
              className="min-w-0 basis-40 font-medium break-words text-primary underline-offset-4 hover:underline"
            >
              {scenario.name}
            </Link>
            <Modes scenario={scenario} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Modes({ scenario: { learning, schedules } }: { scenario: Scenario }) {
  if (!learning.enabled) return <Badge>learning is off</Badge>;
  if (schedules.length === 0) return <span className="text-muted-foreground">no edge serves it</span>;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      {schedules.map((schedule) => (
        <span key={schedule.edge.id} className="inline-flex flex-wrap items-center gap-2">
          <Badge tone={schedule.mode === 'off' ? 'warn' : 'accent'}>{describeSchedule(schedule)}</Badge>
          <span className="text-muted-foreground">
            {learning.mode === 'as-edge' || schedule.mode === 'off'
              ? `as ${schedule.edge.name} is set`
              : schedule.edge.name}
          </span>
        </span>
      ))}
    </span>
  );
}
