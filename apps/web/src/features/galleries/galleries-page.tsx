'use client';

import { useQuery } from '@tanstack/react-query';
import { Images, Plus } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { NewIdentityDialog } from '../identities/index.ts';
import { useMay } from '../session/index.ts';
import { GalleryDialog } from './gallery-dialog.tsx';
import { IdentityList } from './identity-list.tsx';

export function GalleriesPage() {
  const trpc = useTRPC();
  const canWrite = useMay('identity.write');
  const galleries = useQuery(trpc.galleries.list.queryOptions());
  const newGallery = canWrite && (
    <GalleryDialog
      trigger={
        <Button variant="outline">
          <Plus aria-hidden />
          New gallery
        </Button>
      }
    />
  );
  const someGallery = (galleries.data?.length ?? 0) > 0;
  return (
    <>
      <PageHeader
        title="Galleries"
        description="People who may be recognised, and why. Each scenario watches one or more galleries."
        actions={
          <>
            {newGallery}
            {canWrite && someGallery && <NewIdentityDialog />}
          </>
        }
      />
      <QueryState
        query={galleries}
        loading={
          <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
            <Skeleton className="h-24" />
            <Skeleton className="h-24" />
          </div>
        }
        isEmpty={(list) => list.length === 0}
        empty={
          <Card>
            <EmptyState icon={Images} title="No gallery yet" action={newGallery}>
              Create one for each group of people with the same purpose, such as staff or residents; then enrol people
              into it.
            </EmptyState>
          </Card>
        }
      >
        {(list) => (
          <ul aria-label="Galleries" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4 *:min-w-0">
            {list.map((gallery) => (
              <li key={gallery.id}>
                <Link
                  href={`/galleries/${gallery.id}`}
                  className="grid h-full content-start gap-1 rounded-lg border border-border bg-card px-4 py-3 transition-colors hover:border-primary/40 hover:bg-accent"
                >
                  <span className="truncate font-medium" title={gallery.name}>
                    {gallery.name}
                  </span>
                  <span className="line-clamp-2 text-[13px] text-muted-foreground">{gallery.description}</span>
                  <span className="tabular mt-1 text-[13px] text-muted-foreground">
                    {plural(gallery.identities, 'person', 'people')} · watched by{' '}
                    {plural(gallery.scenarios.length, 'scenario')}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryState>
      {someGallery && <IdentityList action={canWrite && <NewIdentityDialog />} />}
    </>
  );
}
