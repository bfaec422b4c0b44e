'use client';

import type { LiveFrame } from '@saface/core/agents/live';
import { LoaderCircle } from 'lucide-react';
import type { RefObject } from 'react';
import { cn } from '../../lib/cn.ts';
import { formatMilliseconds } from '../../lib/format.ts';
import type { StreamState } from './use-live-stream.ts';

interface LivePictureProps {
  name: string;
  canvas: RefObject<HTMLCanvasElement | null>;
  state: StreamState;
  frame: LiveFrame | null;
  /** What the camera itself reports as wrong. */
  error: string | null;
  className?: string;
}

const stateWords: Record<StreamState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'No picture',
  lost: 'Reconnecting',
};

/** The picture keeps 16:9 from the first moment, so that nothing moves when it arrives. */
export function LivePicture({ name, canvas, state, frame, error, className }: LivePictureProps) {
  return (
    <div className={cn('relative aspect-video w-full overflow-hidden bg-[#0b1216] text-[#dbe4e8]', className)}>
      <canvas ref={canvas} role="img" aria-label={`Live picture of ${name}`} className="size-full object-contain" />
      {!frame && (
        <div className="absolute inset-0 grid place-content-center justify-items-center gap-2 px-6 text-center text-[13px]">
          <LoaderCircle className="size-5 animate-spin" aria-hidden />
          <p>{error ?? (state === 'lost' ? 'Connection lost, trying again' : 'Waiting for a picture')}</p>
        </div>
      )}
      <p className="tabular absolute top-2 left-2 flex items-center gap-1.5 rounded-sm bg-black/65 px-1.5 py-0.5 text-xs">
        <span
          aria-hidden
          className={cn(
            'size-2 rounded-full',
            state === 'live' ? 'bg-[#5eead4]' : state === 'lost' ? 'bg-[#fb7185]' : 'bg-[#fbbf24]',
          )}
        />
        {stateWords[state]}
        {frame && state === 'live' && (
          <span title="From capture to decision">· {formatMilliseconds(frame.latency)}</span>
        )}
      </p>
    </div>
  );
}
