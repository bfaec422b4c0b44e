'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LoaderCircle, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { StatusBadge } from '../../components/data/status.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatBytes, formatDateTime } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { ConfirmDetectorForm } from './confirm-detector-form.tsx';
import { ConfirmForm } from './confirm-form.tsx';
import { DetectorReport } from './detector-report.tsx';
import { type Import, importLooks } from './imports-card.tsx';
import { ProbeReport } from './probe-report.tsx';

export function ImportPage({ importId }: { importId: string }) {
  const trpc = useTRPC();
  const found = useQuery(
    trpc.models.import.queryOptions(
      { id: importId },
      { refetchInterval: (query) => (query.state.data?.status === 'pending' ? 1500 : false) },
    ),
  );
  return <QueryState query={found}>{(data) => <Loaded found={data} />}</QueryState>;
}

function Loaded({ found }: { found: Import }) {
  const { status, report, fileName } = found;
  const canWrite = useMay('policy.write');
  return (
    <>
      <Crumbs trail={[{ label: fileName }]} />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-all">{fileName}</span>
            <span role="status">
              <StatusBadge look={importLooks[status]} />
            </span>
          </>
        }
        description={`${formatBytes(found.bytes)}, uploaded ${formatDateTime(found.createdAt)} by ${found.requestedBy}`}
        actions={canWrite && status !== 'confirmed' && <Discard found={found} />}
      />
      {status === 'pending' && (
        <Card>
          <CardContent className="flex items-center gap-3 py-6 text-[13px] text-muted-foreground">
            <LoaderCircle className="size-4 animate-spin" aria-hidden />
            The file is read, made to run here, and tried on sample faces. That takes a few seconds to a minute.
          </CardContent>
        </Card>
      )}
      {status === 'refused' && (
        <Card>
          <CardHeader title="This file cannot be used" />
          <CardContent>
            <div role="alert" className="rounded-md border border-danger/35 bg-danger/8 px-3 py-2 text-[13px]">
              <p className="font-medium break-words text-danger">{found.reason}</p>
              {found.remedy && <p className="break-words text-muted-foreground">{found.remedy}</p>}
            </div>
          </CardContent>
        </Card>
      )}
      {report?.kind === 'recogniser' && <ProbeReport report={report} />}
      {report?.kind === 'detector' && <DetectorReport report={report} />}
      {report && status === 'ready' && (
        <Card>
          <CardHeader title="Confirm" description={toConfirm[report.kind]} />
          <CardContent>
            {!canWrite ? (
              <p className="text-[13px] text-muted-foreground">Only engineers and administrators add models.</p>
            ) : report.kind === 'recogniser' ? (
              <ConfirmForm found={found} report={report} />
            ) : (
              <ConfirmDetectorForm found={found} report={report} />
            )}
          </CardContent>
        </Card>
      )}
      {status === 'confirmed' && (
        <p className="text-[13px]">
          It is a {found.detectorId ? 'detector' : 'base model'} now.{' '}
          <Link href="/models" className="text-primary underline-offset-4 hover:underline">
            See all models
          </Link>
        </p>
      )}
    </>
  );
}

const toConfirm = {
  recogniser: 'Correct what was found if you know better, and choose where the model is cut.',
  detector: 'Nothing changes until a base model is given it, on the Models page.',
} as const;

function Discard({ found }: { found: Import }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const discard = useMutation(trpc.models.discardImport.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger">
          <Trash2 aria-hidden />
          Discard
        </Button>
      }
      title="Discard this upload?"
      description="The file and what was found in it are deleted. You can upload it again."
      confirmLabel="Discard"
      danger
      onConfirm={async () => {
        await discard.mutateAsync({ id: found.id });
        router.push('/models');
        await client.invalidateQueries(trpc.models.imports.pathFilter());
      }}
    />
  );
}
