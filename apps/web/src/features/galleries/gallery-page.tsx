'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Images, Pencil, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { NewIdentityDialog } from '../identities/index.ts';
import { useMay } from '../session/index.ts';
import { GalleryDialog } from './gallery-dialog.tsx';
import { IdentityList } from './identity-list.tsx';

type Gallery = RouterOutputs['galleries']['list'][number];

export function GalleryPage({ galleryId }: { galleryId: string }) {
  const trpc = useTRPC();
  const galleries = useQuery(trpc.galleries.list.queryOptions());
  return (
    <QueryState query={galleries}>
      {(list) => {
        const gallery = list.find((g) => g.id === galleryId);
        if (gallery) return <Loaded gallery={gallery} />;
        return (
          <EmptyState
            icon={Images}
            title="No such gallery"
            action={
              <Button asChild variant="outline">
                <Link href="/galleries">All galleries</Link>
              </Button>
            }
          >
            It may have been deleted.
          </EmptyState>
        );
      }}
    </QueryState>
  );
}

function Loaded({ gallery }: { gallery: Gallery }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const canWrite = useMay('identity.write');
  const remove = useMutation(trpc.galleries.delete.mutationOptions());
  return (
    <>
      <Crumbs trail={[{ label: gallery.name }]} />
      <PageHeader
        title={<span className="min-w-0 break-words">{gallery.name}</span>}
        description={
          <>
            {gallery.description && <>{gallery.description} · </>}
            {gallery.scenarios.length > 0 ? (
              <>
                watched by{' '}
                {gallery.scenarios.map((scenario, i) => (
                  <span key={scenario.id}>
                    {i > 0 && ', '}
                    <Link href={`/scenarios/${scenario.id}`} className="text-primary underline underline-offset-4">
                      {scenario.name}
                    </Link>
                  </span>
                ))}
              </>
            ) : (
              'no scenario watches it: nobody in here is recognised. Add it under Scenarios.'
            )}
          </>
        }
        actions={
          canWrite && (
            <>
              <GalleryDialog
                gallery={gallery}
                trigger={
                  <Button variant="outline">
                    <Pencil aria-hidden />
                    Edit
                  </Button>
                }
              />
              <ConfirmDialog
                trigger={
                  <Button variant="danger">
                    <Trash2 aria-hidden />
                    Delete
                  </Button>
                }
                title={`Delete ${gallery.name}?`}
                description="Only a gallery whose people are all in another gallery as well can be deleted. Nobody is erased by this."
                confirmLabel="Delete gallery"
                danger
                onConfirm={async () => {
                  await remove.mutateAsync({ id: gallery.id });
                  router.push('/galleries');
                  void client.invalidateQueries(trpc.galleries.pathFilter());
                }}
              />
              <NewIdentityDialog galleryId={gallery.id} />
            </>
          )
        }
      />
      <IdentityList galleryId={gallery.id} action={canWrite && <NewIdentityDialog galleryId={gallery.id} />} />
    </>
  );
}
