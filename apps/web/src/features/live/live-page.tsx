'use client';

import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, VideoOff } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { cameraLooks, StatusBadge } from '../../components/data/status.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { formatNumber, plural } from '../../lib/format.ts';
import { LivePicture } from './live-picture.tsx';
import { OnCameraList } from './on-camera-list.tsx';
import { useLiveStream } from './use-live-stream.ts';

/** A browser opens six connections to one HTTP/1.1 host; every stream holds one, and the pages need the rest. */
const PER_PAGE = 4;

type LiveCamera = RouterOutputs['live']['cameras'][number];

export function LivePage() {
  const trpc = useTRPC();
  const cameras = useQuery(trpc.live.cameras.queryOptions({}, { refetchInterval: 3000 }));
  const [page, setPage] = useState(0);
  const total = cameras.data?.length ?? 0;
  const pages = Math.max(1, Math.ceil(total / PER_PAGE));
  const current = Math.min(page, pages - 1);
  return (
    <>
      <PageHeader
        title="Live"
        description="What the cameras see now, and what the edge says of each face."
        actions={
          pages > 1 && (
            <nav aria-label="Camera pages" className="flex items-center gap-2 text-[13px]">
              <Button
                variant="outline"
                size="icon-sm"
                aria-label="Previous cameras"
                disabled={current === 0}
                onClick={() => setPage(current - 1)}
              >
                <ChevronLeft aria-hidden />
              </Button>
              <span className="tabular text-muted-foreground">
                {current + 1} of {pages}
              </span>
              <Button
                variant="outline"
                size="icon-sm"
                aria-label="Next cameras"
                disabled={current === pages - 1}
                onClick={() => setPage(current + 1)}
              >
                <ChevronRight aria-hidden />
              </Button>
            </nav>
          )
        }
      />
      <QueryState
        query={cameras}
        loading={
          <div className="grid gap-5 lg:grid-cols-2">
            <Skeleton className="aspect-video" />
            <Skeleton className="aspect-video" />
          </div>
        }
        isEmpty={(list) => list.length === 0}
        empty={
          <Card>
            <EmptyState
              icon={VideoOff}
              title="No camera yet"
              action={
                <Button asChild>
                  <Link href="/fleet">Add a camera</Link>
                </Button>
              }
            >
              Add one under Fleet: a file, an RTSP or HTTP address, a device or the simulator. Its picture appears here
              as soon as its agent is connected.
            </EmptyState>
          </Card>
        }
      >
        {(list) => (
          <>
            <p className="sr-only">{plural(list.length, 'camera')}</p>
            <div className="grid gap-5 lg:grid-cols-2 *:min-w-0">
              {list.slice(current * PER_PAGE, (current + 1) * PER_PAGE).map((camera) => (
                <CameraTile key={camera.id} camera={camera} />
              ))}
            </div>
          </>
        )}
      </QueryState>
    </>
  );
}

function CameraTile({ camera }: { camera: LiveCamera }) {
  const { canvas, state, frame } = useLiveStream(camera.id);
  return (
    <Card aria-label={camera.name} className="overflow-hidden">
      <div className="flex items-center justify-between gap-3 px-4 py-2.5">
        <div className="min-w-0">
          <h2 className="truncate text-sm font-semibold" title={camera.name}>
            <Link href={`/live/${camera.id}`} className="underline-offset-4 hover:underline">
              {camera.name}
            </Link>
          </h2>
          <p className="truncate text-[13px] text-muted-foreground">
            {camera.site.name} · {camera.scenario.name}
            <span className="tabular">
              {' '}
              · {formatNumber(camera.framesPerSecond)} frames/s · {formatNumber(camera.probesPerSecond)} faces/s
            </span>
          </p>
        </div>
        <StatusBadge look={cameraLooks[camera.state]} />
      </div>
      <Link href={`/live/${camera.id}`} tabIndex={-1} aria-hidden className="block">
        <LivePicture name={camera.name} canvas={canvas} state={state} frame={frame} error={camera.error} />
      </Link>
      <div className="min-h-24 pt-1">
        <OnCameraList frame={frame} />
      </div>
    </Card>
  );
}
