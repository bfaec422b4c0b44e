import { Pencil } from 'lucide-react';
import Link from 'next/link';
import type { Column } from '../../components/data/data-table.tsx';
import { cameraLooks, StatusBadge } from '../../components/data/status.tsx';
import { Button } from '../../components/ui/button.tsx';
import { MISSING } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { AgentActions } from './agent-actions.tsx';
import { AgentStatus, type AgentView, ClockSkew, LastSeen, Revision } from './agent-status.tsx';
import { CameraDialog, type CameraView } from './camera-dialog.tsx';
import { DeleteCamera } from './delete-camera.tsx';
import { describeSource } from './source-draft.ts';

/** Only for those who may save: the others are given the address without its password. */
function EditCamera({ camera }: { camera: CameraView }) {
  const may = useMay('camera.write');
  if (!may) return null;
  return (
    <CameraDialog
      camera={camera}
      trigger={
        <Button variant="outline" size="icon-sm" aria-label={`Edit ${camera.name}`}>
          <Pencil aria-hidden />
        </Button>
      }
    />
  );
}

interface Row {
  camera: CameraView;
  agent: AgentView | null;
}

export const cameraColumns: Column<Row>[] = [
  {
    id: 'name',
    header: 'Camera',
    sort: ({ camera }) => camera.name,
    cell: ({ camera }) => (
      <span className="block min-w-0">
        <Link href={`/live/${camera.id}`} className="font-medium text-primary underline-offset-4 hover:underline">
          {camera.name}
        </Link>
        <span className="block max-w-52 truncate text-muted-foreground" title={describeSource(camera.source)}>
          {describeSource(camera.source)}
        </span>
      </span>
    ),
  },
  {
    id: 'state',
    header: 'Picture',
    cell: ({ camera }) => (
      <span className="grid gap-0.5 max-md:justify-items-end">
        <StatusBadge look={cameraLooks[camera.state]} />
        {camera.error && <span className="max-w-56 break-words text-danger">{camera.error}</span>}
      </span>
    ),
  },
  { id: 'agent', header: 'Agent', cell: ({ agent }) => <AgentStatus agent={agent} /> },
  { id: 'revision', header: 'Configuration', cell: ({ agent }) => <Revision agent={agent} /> },
  {
    id: 'scenario',
    header: 'Scenario',
    sort: ({ camera }) => camera.scenario.name,
    cell: ({ camera }) => camera.scenario.name,
  },
  { id: 'edge', header: 'Edge', cell: ({ camera }) => camera.edge?.name ?? MISSING },
  { id: 'version', header: 'Version', cell: ({ agent }) => agent?.version ?? MISSING },
  { id: 'clock', header: 'Clock', className: 'whitespace-nowrap', cell: ({ agent }) => <ClockSkew agent={agent} /> },
  { id: 'seen', header: 'Last seen', cell: ({ agent }) => <LastSeen agent={agent} /> },
  {
    id: 'actions',
    header: 'Actions',
    hideHeader: true,
    align: 'right',
    cell: ({ camera, agent }) => (
      <span className="inline-flex justify-end gap-2 max-md:flex-wrap">
        <AgentActions agent={agent} />
        <EditCamera camera={camera} />
        <DeleteCamera camera={camera} />
      </span>
    ),
  },
];
