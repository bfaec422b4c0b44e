'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useTRPC } from '@/lib/trpc/client';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';

/** What the edges say they serve, against what they should: a promotion is done only when these agree. */
export function ServedBy({ scenarioId }: { scenarioId: string }) {
  const trpc = useTRPC();
  const served = useQuery(trpc.versions.served.queryOptions({ scenarioId }, { refetchInterval: 1000 }));
  if (!served.data) return null;
  if (served.data.length === 0) {
    return (
      <p className="text-[13px] text-muted-foreground">No edge serves this scenario: give it a camera on an edge.</p>
    );
  }
  return (
    <ul aria-label="Served by" className="flex flex-wrap gap-x-6 gap-y-2 text-[13px]" aria-live="polite">
      {served.data.map((row) => (
        <li key={row.edge.id} className="flex flex-wrap items-center gap-2">
          <span className="text-muted-foreground">{row.edge.name} serves</span>
          <b className="font-semibold">{row.served?.label ?? 'nothing yet'}</b>
          {row.inSync ? (
            <Badge tone="ok">
              <CircleCheck aria-hidden />
              in sync
            </Badge>
          ) : (
            <Badge tone="warn">
              <LoaderCircle className="animate-spin" aria-hidden />
              should be {row.desired?.label ?? 'nothing'}
            </Badge>
          )}
          <span className="text-muted-foreground" aria-live="off">
            reported <Ago time={row.lastSeenAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
