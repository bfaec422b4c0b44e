'use client';

import type { LiveFrame } from '@saface/core/agents/live';
import Link from 'next/link';
import { faceLooks, StatusBadge } from '../../components/data/status.tsx';
import { formatDistance } from '../../lib/format.ts';
import { describeFaces, summariseFaces } from './describe-faces.ts';

/** What the canvas shows, as text. Only the sentence is announced: distances change with every frame. */
export function OnCameraList({ frame }: { frame: LiveFrame | null }) {
  const lines = frame ? describeFaces(frame.faces) : [];
  return (
    <>
      <p role="status" className="sr-only">
        {frame ? summariseFaces(lines) : ''}
      </p>
      <ul aria-label="On camera now" className="divide-y divide-border/70">
        {lines.map((line) => (
          <li key={line.trackId} className="flex items-center justify-between gap-3 px-4 py-2 text-[13px]">
            <span className="min-w-0">
              <span className="block truncate font-medium" title={line.label}>
                {line.state === 'recognised' && line.identityId ? (
                  <Link href={`/identities/${line.identityId}`} className="underline-offset-4 hover:underline">
                    {line.label}
                  </Link>
                ) : (
                  line.label
                )}
              </span>
              <span className="tabular block text-muted-foreground">
                Track {line.trackId}
                {line.distance !== null && ` · distance ${formatDistance(line.distance)}`}
                {line.distance !== null && line.threshold !== null && ` of ${formatDistance(line.threshold)}`}
                {line.ambiguous && ', and as near to somebody else'}
              </span>
            </span>
            <StatusBadge look={faceLooks[line.state]} />
          </li>
        ))}
      </ul>
      {lines.length === 0 && (
        <p className="px-4 pb-4 text-[13px] text-muted-foreground">
          {frame ? 'Nobody on camera.' : 'Names appear here with the picture.'}
        </p>
      )}
    </>
  );
}
