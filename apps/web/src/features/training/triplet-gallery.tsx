'use client';

import { useState } from 'react';
import type { RouterOutputs } from '@/lib/trpc/types';
import { FaceCrop } from '../../components/data/face-crop.tsx';
import { Button } from '../../components/ui/button.tsx';
import { formatDistance } from '../../lib/format.ts';

type Triplet = RouterOutputs['training']['get']['tripletExamples'][number];

const FIRST = 8;

/** What the run learns from: the same person far apart in time, and somebody else in the same frame. */
export function TripletGallery({ triplets }: { triplets: Triplet[] }) {
  const [all, setAll] = useState(false);
  if (triplets.length === 0) {
    return (
      <p className="px-4 pb-4 text-[13px] text-muted-foreground">
        No example yet: the edge sends some with its next report of this run.
      </p>
    );
  }
  return (
    <div className="grid gap-4 px-4 pb-4">
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(16rem,1fr))] gap-4">
        {(all ? triplets : triplets.slice(0, FIRST)).map((triplet) => (
          <li key={triplet.id} className="grid grid-cols-3 gap-2 rounded-md border border-border p-2 text-xs">
            <Face src={triplet.anchorUrl} part="Anchor" note="the person" />
            <Face src={triplet.positiveUrl} part="Positive" note={formatDistance(triplet.positiveDistance)} />
            <Face src={triplet.negativeUrl} part="Negative" note={formatDistance(triplet.negativeDistance)} />
            <p className="col-span-3 text-muted-foreground">
              {triplet.positiveDistance < triplet.negativeDistance
                ? 'The right one is nearer.'
                : 'The wrong one is nearer: this is what has to change.'}
            </p>
          </li>
        ))}
      </ul>
      {triplets.length > FIRST && (
        <Button variant="outline" size="sm" className="justify-self-start" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${triplets.length}`}
        </Button>
      )}
    </div>
  );
}

function Face({ src, part, note }: { src: string; part: string; note: string }) {
  return (
    <figure className="grid gap-1">
      <FaceCrop src={src} alt={part} className="aspect-square size-full" />
      <figcaption>
        <span className="block font-medium">{part}</span>
        <span className="tabular block text-muted-foreground">{note}</span>
      </figcaption>
    </figure>
  );
}
