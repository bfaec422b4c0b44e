'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, Images, LoaderCircle, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { FaceCrop } from '../../components/data/face-crop.tsx';
import { EmptyState } from '../../components/data/states.tsx';
import { StatusBadge } from '../../components/data/status.tsx';
import { Button } from '../../components/ui/button.tsx';
import { formatNumber } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';

type Picture = RouterOutputs['identities']['get']['images'][number];

const looks = {
  pending: { tone: 'neutral', label: 'Checking', icon: LoaderCircle },
  accepted: { tone: 'ok', label: 'Accepted', icon: CircleCheck },
  rejected: { tone: 'danger', label: 'Rejected', icon: CircleX },
} as const;

const sources: Record<Picture['source'], string> = {
  upload: 'Uploaded',
  event: 'From an event',
  seed: 'Came with the demo',
};

export function PictureGrid({ pictures }: { pictures: Picture[] }) {
  if (pictures.length === 0) {
    return (
      <EmptyState icon={Images} title="No picture yet">
        Add at least one. Each is checked for blur, size, pose and other faces before it counts.
      </EmptyState>
    );
  }
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-4">
      {pictures.map((picture) => (
        <PictureCard key={picture.id} picture={picture} />
      ))}
    </ul>
  );
}

function PictureCard({ picture }: { picture: Picture }) {
  const canWrite = useMay('identity.write');
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(
    trpc.identities.deleteImage.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.identities.pathFilter()),
    }),
  );
  return (
    <li className="grid content-start gap-1.5 text-[13px]">
      <div className="relative">
        <FaceCrop
          src={picture.pictureUrl ?? picture.cropUrl}
          alt={picture.fileName}
          className="aspect-square size-full border border-border"
        />
        {canWrite && (
          <ConfirmDialog
            trigger={
              <Button
                variant="outline"
                size="icon-sm"
                className="absolute top-1.5 right-1.5"
                aria-label={`Delete ${picture.fileName}`}
              >
                <Trash2 aria-hidden />
              </Button>
            }
            title="Delete this picture?"
            description={`${picture.fileName} and what was computed from it are removed here and on the edges.`}
            confirmLabel="Delete"
            danger
            onConfirm={() => remove.mutateAsync({ imageId: picture.id })}
          />
        )}
      </div>
      <p className="truncate" title={picture.fileName}>
        {picture.fileName}
      </p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StatusBadge look={looks[picture.status]} />
        {picture.quality !== null && (
          <span className="tabular text-muted-foreground" title="0 to 1: sharpness, size and pose">
            quality {formatNumber(picture.quality, 2)}
          </span>
        )}
      </div>
      {picture.reason && <p className="break-words text-muted-foreground">{picture.reason}</p>}
      {picture.duplicateOf && (
        <p className="break-words text-warn">
          Looks like{' '}
          <Link href={`/identities/${picture.duplicateOf.id}`} className="underline underline-offset-4">
            {picture.duplicateOf.name}
          </Link>
        </p>
      )}
      <p className="text-xs text-muted-foreground">{sources[picture.source]}</p>
    </li>
  );
}
