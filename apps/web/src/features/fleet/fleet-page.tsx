'use client';

import { useQuery } from '@tanstack/react-query';
import { Building2, Plus, Server, VideoOff } from 'lucide-react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardHeader } from '../../components/ui/card.tsx';
import { useMay } from '../session/index.ts';
import { AcceptButton } from './agent-actions.tsx';
import { cameraColumns } from './camera-columns.tsx';
import { CameraDialog } from './camera-dialog.tsx';
import { NewEdgeDialog, SiteDialog } from './create-dialogs.tsx';
import { edgeColumns } from './edge-columns.tsx';
import { SitesCard } from './sites-card.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { TokensCard } from './tokens-card.tsx';

type Fleet = RouterOutputs['fleet']['list'];

export function FleetPage() {
  const trpc = useTRPC();
  const mayFleet = useMay('fleet.write');
  const mayCamera = useMay('camera.write');
  const fleet = useQuery(trpc.fleet.list.queryOptions({}, { refetchInterval: 2000 }));
  const cameras = useQuery(trpc.cameras.list.queryOptions({}, { refetchInterval: 3000 }));
  const newEdge = mayFleet && (
    <NewEdgeDialog
      trigger={
        <Button variant="outline">
          <Server aria-hidden />
          New edge
        </Button>
      }
    />
  );
  const newCamera = mayCamera && (
    <CameraDialog
      trigger={
        <Button>
          <Plus aria-hidden />
          Add camera
        </Button>
      }
    />
  );
  return (
    <>
      <PageHeader
        title="Fleet"
        description="Edges and cameras: what each was told, what it runs, and whether it is there."
        actions={
          <>
            {mayFleet && (
              <SiteDialog
                trigger={
                  <Button variant="outline">
                    <Building2 aria-hidden />
                    New site
                  </Button>
                }
              />
            )}
            {newEdge}
            {mayFleet && fleet.data && <TokenDialog fleet={fleet.data} />}
            {newCamera}
          </>
        }
      />
      <QueryState query={fleet}>
        {(data) => (
          <>
            {data.pending.length > 0 && <Pending agents={data.pending} may={mayFleet} />}
            <Card>
              <CardHeader title="Edges" />
              {data.edges.length === 0 ? (
                <EmptyState icon={Server} title="No edge yet" action={newEdge}>
                  Create a site and an edge, then start the edge agent with an enrolment token.
                </EmptyState>
              ) : (
                <DataTable label="Edges" rows={data.edges} columns={edgeColumns} rowKey={(e) => e.id} />
              )}
            </Card>
            <Card>
              <CardHeader title="Cameras" />
              <QueryState
                query={cameras}
                isEmpty={(list) => list.length === 0}
                empty={
                  <EmptyState icon={VideoOff} title="No camera yet" action={newCamera}>
                    Add one with its source and scenario, then start its agent with an enrolment token.
                  </EmptyState>
                }
              >
                {(list) => (
                  <DataTable
                    label="Cameras"
                    rows={list.map((camera) => ({
                      camera,
                      agent: data.cameras.find((c) => c.id === camera.id)?.agent ?? null,
                    }))}
                    columns={cameraColumns}
                    rowKey={(row) => row.camera.id}
                  />
                )}
              </QueryState>
            </Card>
            <SitesCard />
            {mayFleet && <TokensCard />}
          </>
        )}
      </QueryState>
    </>
  );
}

function Pending({ agents, may }: { agents: Fleet['pending']; may: boolean }) {
  return (
    <Card className="border-warn/45">
      <CardHeader
        title="Waiting to be accepted"
        description="These agents enrolled with a token. Accept only machines you know."
      />
      <ul aria-label="Agents waiting" className="divide-y divide-border/70">
        {agents.map((agent) => (
          <li key={agent.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5 text-[13px]">
            <span className="min-w-0">
              <b className="font-medium">{agent.name}</b> as {agent.kind} {agent.target?.name}
              <span className="block text-muted-foreground">
                {agent.host.hostname}, {agent.host.platform}, {agent.host.cpus} cores · version {agent.version} ·
                enrolled <Ago time={agent.createdAt} />
              </span>
            </span>
            {may && <AcceptButton agent={agent} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}
