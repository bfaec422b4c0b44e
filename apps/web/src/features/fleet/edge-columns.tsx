import Link from 'next/link';
import type { Column } from '../../components/data/data-table.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { formatNumber, MISSING } from '../../lib/format.ts';
import { AgentActions } from './agent-actions.tsx';
import { AgentStatus, ClockSkew, LastSeen, Problems, Revision } from './agent-status.tsx';
import { type Edge, EdgeActions } from './edge-actions.tsx';

export const edgeColumns: Column<Edge>[] = [
  {
    id: 'name',
    header: 'Edge',
    sort: (e) => e.name,
    cell: (e) => (
      <span className="block min-w-0">
        <Link
          href={`/scheduling?edge=${encodeURIComponent(e.id)}`}
          className="font-medium text-primary underline-offset-4 hover:underline"
        >
          {e.name}
        </Link>
        <span className="block text-muted-foreground md:whitespace-nowrap">
          {e.site.name}, {e.cameras} {e.cameras === 1 ? 'camera' : 'cameras'}
        </span>
      </span>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    // What is wrong stands where one looks first, and not in a column that is nearly always empty.
    cell: (e) => (
      <span className="grid gap-1 md:max-w-64">
        <span>
          <AgentStatus agent={e.agent} />
        </span>
        <Problems agent={e.agent} />
      </span>
    ),
  },
  { id: 'revision', header: 'Configuration', cell: (e) => <Revision agent={e.agent} /> },
  {
    id: 'serving',
    header: 'Serves',
    cell: (e) =>
      e.serving.length > 0 ? (
        <span className="flex flex-wrap gap-1 max-md:justify-end">
          {e.serving.map((s) => (
            <Badge key={s.scenario.id}>
              {s.scenario.name} {s.version.label}
            </Badge>
          ))}
        </span>
      ) : (
        MISSING
      ),
  },
  { id: 'version', header: 'Agent', cell: (e) => e.agent?.version ?? MISSING },
  {
    id: 'measured',
    header: 'N_E / B_max',
    cell: (e) => (e.measured ? `${formatNumber(e.measured.nE)} / ${formatNumber(e.measured.bMax)}` : MISSING),
  },
  { id: 'outbox', header: 'Outbox', align: 'right', sort: (e) => e.outboxDepth, cell: (e) => e.outboxDepth ?? MISSING },
  { id: 'clock', header: 'Clock', className: 'whitespace-nowrap', cell: (e) => <ClockSkew agent={e.agent} /> },
  {
    id: 'seen',
    header: 'Last seen',
    sort: (e) => e.agent?.lastSeenAt ?? null,
    cell: (e) => <LastSeen agent={e.agent} />,
  },
  {
    id: 'actions',
    header: 'Actions',
    hideHeader: true,
    align: 'right',
    cell: (e) => (
      <span className="inline-flex justify-end gap-2 max-md:flex-wrap">
        <AgentActions agent={e.agent} />
        <EdgeActions edge={e} />
      </span>
    ),
  },
];
