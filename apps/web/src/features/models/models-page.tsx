'use client';

import { useQuery } from '@tanstack/react-query';
import { Boxes } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatBytes, MISSING } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { ChooseDetector } from './choose-detector.tsx';
import { describeSides } from './describe-cut.ts';
import { DetectorsCard } from './detectors-card.tsx';
import { ImportsCard } from './imports-card.tsx';
import { ModelActions } from './model-actions.tsx';
import { ModelDrop } from './model-drop.tsx';
import { PretrainingsCard } from './pretrainings-card.tsx';

type Model = RouterOutputs['models']['list'][number];

export function ModelsPage() {
  const trpc = useTRPC();
  const canWrite = useMay('policy.write');
  const models = useQuery(trpc.models.list.queryOptions(undefined, { refetchInterval: 10_000 }));
  return (
    <>
      <PageHeader
        title="Models"
        description="Recognisers that scenarios start from. Each is cut in two: the extractor is shared and frozen, the learner adapts to a scenario."
      />
      <Card>
        <CardHeader title="Base models" />
        <QueryState
          query={models}
          isEmpty={(list) => list.length === 0}
          empty={
            <EmptyState icon={Boxes} title="No base model yet">
              Run “saface models build” on the server for the one that comes with the product, or add a file below.
            </EmptyState>
          }
        >
          {(list) => <DataTable label="Base models" rows={list} columns={columns} rowKey={(m) => m.id} />}
        </QueryState>
      </Card>
      <DetectorsCard />
      <ImportsCard />
      <PretrainingsCard />
      {canWrite && (
        <Card>
          <CardHeader
            title="Add a model"
            description="A recogniser or a detector, from an ONNX file; nothing changes until it is used."
          />
          <CardContent>
            <ModelDrop />
          </CardContent>
        </Card>
      )}
    </>
  );
}

const columns: Column<Model>[] = [
  {
    id: 'name',
    header: 'Model',
    sort: (m) => m.name,
    className: 'max-w-72',
    cell: (m) => (
      <span className="grid min-w-0">
        <span className="font-medium break-words">{m.name}</span>
        {m.source && <span className="text-xs break-words text-muted-foreground">{m.source}</span>}
      </span>
    ),
  },
  { id: 'licence', header: 'Licence', sort: (m) => m.licence, cell: (m) => m.licence ?? MISSING },
  {
    id: 'input',
    header: 'Input',
    cell: (m) => (
      <span className="whitespace-nowrap">
        {m.inputSize} × {m.inputSize} {m.channels.toUpperCase()}
      </span>
    ),
  },
  { id: 'dimension', header: 'Dimension', align: 'right', sort: (m) => m.dimension, cell: (m) => m.dimension },
  {
    id: 'cut',
    header: 'Cut',
    className: 'max-w-64',
    cell: (m) => (
      <span className="grid min-w-0">
        <code className="truncate font-mono text-xs" title={m.defaultCut}>
          {m.defaultCut}
        </code>
        {m.cut && <span className="text-xs text-muted-foreground">{describeSides(m.cut)}</span>}
      </span>
    ),
  },
  {
    id: 'detector',
    header: 'Detector',
    sort: (m) => m.detector.name,
    className: 'max-w-48',
    cell: (m) => (
      <span className="flex flex-wrap items-center gap-2 max-md:justify-end">
        <span className="break-words">{m.detector.name}</span>
        <ChooseDetector model={m} />
      </span>
    ),
  },
  {
    id: 'size',
    header: 'Size',
    align: 'right',
    sort: (m) => m.bytes,
    cell: (m) => <span className="whitespace-nowrap">{formatBytes(m.bytes)}</span>,
  },
  {
    id: 'scenarios',
    header: 'Used by',
    className: 'max-w-64',
    cell: (m) =>
      m.scenarios.length === 0 ? (
        <Badge>no scenario</Badge>
      ) : (
        <span className="flex flex-wrap gap-x-2 gap-y-1">
          {m.scenarios.map((scenario) => (
            <Link
              key={scenario.id}
              href={`/scenarios/${scenario.id}`}
              className="break-words text-primary underline-offset-4 hover:underline"
            >
              {scenario.name}
            </Link>
          ))}
        </span>
      ),
  },
  { id: 'actions', header: 'Actions', hideHeader: true, align: 'right', cell: (m) => <ModelActions model={m} /> },
];
