'use client';

import { useQuery } from '@tanstack/react-query';
import { VideoOff } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { TimeChart } from '../../components/charts/time-chart.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { Stat, StatRow } from '../../components/data/stat.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { cameraLooks, StatusBadge } from '../../components/data/status.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatMilliseconds, formatNumber } from '../../lib/format.ts';
import { useMetricSeries } from '../../lib/use-metric-series.ts';
import { Funnel } from './funnel.tsx';
import { LivePicture } from './live-picture.tsx';
import { OnCameraList } from './on-camera-list.tsx';
import { useLiveStream } from './use-live-stream.ts';

type LiveCamera = RouterOutputs['live']['cameras'][number];

export function CameraPage({ cameraId }: { cameraId: string }) {
  const trpc = useTRPC();
  const cameras = useQuery(trpc.live.cameras.queryOptions({}, { refetchInterval: 3000 }));
  return (
    <QueryState query={cameras}>
      {(list) => {
        const camera = list.find((c) => c.id === cameraId);
        if (camera) return <Single camera={camera} />;
        return (
          <EmptyState
            icon={VideoOff}
            title="No such camera"
            action={
              <Button asChild variant="outline">
                <Link href="/live">All cameras</Link>
              </Button>
            }
          >
            It may have been removed. The others are on the Live page.
          </EmptyState>
        );
      }}
    </QueryState>
  );
}

function Single({ camera }: { camera: LiveCamera }) {
  const { canvas, state, frame } = useLiveStream(camera.id);
  const { points, from, to } = useMetricSeries({
    scope: 'camera',
    scopeId: camera.id,
    names: ['framesPerSecond', 'probesPerSecond', 'latency'],
    span: 10 * 60_000,
  });
  return (
    <>
      <Crumbs trail={[{ label: camera.name }]} />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">{camera.name}</span>
            <StatusBadge look={cameraLooks[camera.state]} />
          </>
        }
        description={`${camera.site.name} · ${camera.scenario.name}`}
        actions={
          <>
            <Button asChild variant="outline" size="sm">
              <Link href={`/events?cameraId=${encodeURIComponent(camera.id)}`}>Its events</Link>
            </Button>
            <Button asChild variant="outline" size="sm">
              <Link href={`/scenarios/${camera.scenario.id}`}>Its model</Link>
            </Button>
          </>
        }
      />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem] *:min-w-0">
        <div className="grid gap-5 *:min-w-0">
          <LivePicture
            name={camera.name}
            canvas={canvas}
            state={state}
            frame={frame}
            error={camera.error}
            className="rounded-lg border border-border"
          />
          <StatRow>
            <Stat label="Frames" value={formatNumber(camera.framesPerSecond)} unit="/s" />
            <Stat label="Faces sent" value={formatNumber(camera.probesPerSecond)} unit="/s" />
            <Stat label="Capture to decision" value={formatMilliseconds(camera.latency)} note="Median" />
          </StatRow>
        </div>
        <div className="grid gap-5 *:min-w-0">
          <Card>
            <CardHeader title="On camera now" />
            <div className="min-h-20 pb-1">
              <OnCameraList frame={frame} />
            </div>
          </Card>
          <Card>
            <CardHeader title="From frames to names" description={`Last ${camera.funnel.seconds} seconds`} />
            <CardContent>
              <Funnel funnel={camera.funnel} />
            </CardContent>
          </Card>
        </div>
      </div>
      <Card>
        <CardHeader title="Last 10 minutes" />
        <CardContent>
          <TimeChart
            label={`${camera.name}: frames and faces per second, latency`}
            points={points}
            from={from}
            to={to}
            maxGap={20_000}
            series={[
              { key: 'framesPerSecond', label: 'Frames', unit: '/s', color: 1 },
              { key: 'probesPerSecond', label: 'Faces', unit: '/s', color: 4, dash: '5 3' },
              { key: 'latency', label: 'Latency', unit: 'ms', digits: 0, color: 2, right: true, dash: '2 3' },
            ]}
          />
        </CardContent>
      </Card>
    </>
  );
}
