'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { PageHeader } from '../../components/data/page-header.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { hasEnded } from '../../lib/consent.ts';
import { plural } from '../../lib/format.ts';
import { type Leave, useLeaving } from '../../lib/use-leaving.ts';
import { useNow } from '../../lib/use-now.ts';
import { useMay } from '../session/index.ts';
import { EraseIdentity, type Receipt, ReceiptCard } from './erase-identity.tsx';
import { PersonCard } from './person-card.tsx';
import { PictureDrop } from './picture-drop.tsx';
import { PictureGrid } from './picture-grid.tsx';

type Person = RouterOutputs['identities']['get'];

export function IdentityPage({ identityId }: { identityId: string }) {
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  if (receipt) {
    return (
      <>
        <Crumbs trail={[{ label: 'Erased' }]} />
        <PageHeader
          title="Erased"
          actions={
            <Button asChild variant="outline">
              <Link href="/galleries">Back to the galleries</Link>
            </Button>
          }
        />
        <ReceiptCard receipt={receipt} />
      </>
    );
  }
  return <Loaded identityId={identityId} onErased={setReceipt} />;
}

function Loaded({ identityId, onErased }: { identityId: string; onErased: (receipt: Receipt) => void }) {
  const trpc = useTRPC();
  const { leaving, leave } = useLeaving();
  const person = useQuery(
    trpc.identities.get.queryOptions(
      { id: identityId },
      {
        enabled: !leaving,
        // Fast while a quality check is under way.
        refetchInterval: (query) => (query.state.data?.images.some((i) => i.status === 'pending') ? 1000 : 15_000),
      },
    ),
  );
  return <QueryState query={person}>{(data) => <Person person={data} leave={leave} onErased={onErased} />}</QueryState>;
}

interface PersonProps {
  person: Person;
  leave: Leave;
  onErased: (receipt: Receipt) => void;
}

function Person({ person, leave, onErased }: PersonProps) {
  const canWrite = useMay('identity.write');
  const expired = hasEnded(person.consent.expiresAt, useNow());
  const accepted = person.images.filter((i) => i.status === 'accepted').length;
  const first = person.galleries[0];
  return (
    <>
      <Crumbs
        trail={[...(first ? [{ label: first.name, href: `/galleries/${first.id}` }] : []), { label: person.name }]}
      />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">{person.name}</span>
            {accepted === 0 && <Badge tone="warn">Cannot be recognised yet</Badge>}
          </>
        }
        description={
          <>
            Last seen <Ago time={person.lastSeenAt} />
          </>
        }
        actions={
          <>
            <Button asChild variant="outline">
              <Link href={`/events?identityId=${encodeURIComponent(person.id)}`}>Events</Link>
            </Button>
            {canWrite && <EraseIdentity identity={person} leave={leave} onErased={onErased} />}
          </>
        }
      />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem] *:min-w-0">
        <Card>
          <CardHeader
            title="Pictures"
            description={
              expired
                ? 'None is used for recognition: the consent has expired.'
                : `${plural(accepted, 'picture')} of ${person.images.length} used for recognition.`
            }
          />
          <CardContent className="grid gap-5">
            {canWrite && <PictureDrop identityId={person.id} />}
            <PictureGrid pictures={person.images} />
          </CardContent>
        </Card>
        <PersonCard person={person} />
      </div>
    </>
  );
}
