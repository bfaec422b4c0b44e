'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { FaceCrop } from '../../components/data/face-crop.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { faceLooks, StatusBadge } from '../../components/data/status.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Sheet, SheetContent } from '../../components/ui/sheet.tsx';
import { formatDateTime, formatDistance, formatDuration, formatNumber } from '../../lib/format.ts';
import { IdentityPicker } from '../identities/index.ts';
import { useMay } from '../session/index.ts';
import { describeDecision } from './describe-decision.ts';
import { type EventView, reviewWords } from './event-table.tsx';

export function EventSheet({ eventId, onClose }: { eventId: string | null; onClose: () => void }) {
  return (
    <Sheet open={eventId !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent title="Event" description="Everything that led to this decision">
        {eventId && <EventDetail key={eventId} eventId={eventId} />}
      </SheetContent>
    </Sheet>
  );
}

function EventDetail({ eventId }: { eventId: string }) {
  const trpc = useTRPC();
  const event = useQuery(trpc.events.get.queryOptions({ id: eventId }));
  return <QueryState query={event}>{(data) => <Detail event={data} />}</QueryState>;
}

const link = (href: string, label: string) => (
  <Link href={href} className="text-primary underline-offset-4 hover:underline">
    {label}
  </Link>
);

function Detail({ event }: { event: EventView }) {
  const canReview = useMay('event.review');
  return (
    <div className="grid gap-5 px-5 py-4">
      <div className="flex gap-4">
        <FaceCrop src={event.cropUrl} alt={event.identity?.name ?? 'Unknown person'} className="size-28" />
        <div className="grid min-w-0 content-start gap-1.5">
          <p className="text-base font-semibold break-words">{event.identity?.name ?? 'Unknown'}</p>
          <StatusBadge look={faceLooks[event.decision]} />
          {event.review !== 'none' && (
            <p className="text-[13px] text-muted-foreground">
              {reviewWords[event.review]}
              {event.reviewedIdentity && `: ${event.reviewedIdentity.name}`}
              {event.reviewedBy && ` by ${event.reviewedBy}`}
              {event.reviewedAt !== null && `, ${formatDateTime(event.reviewedAt)}`}
            </p>
          )}
        </div>
      </div>
      <section aria-label="Why">
        <h3 className="mb-2 text-sm font-semibold">Why</h3>
        <Facts
          facts={[
            ...describeDecision(event),
            { term: 'Threshold then', value: `${formatDistance(event.threshold)} (nearer is more alike)` },
            { term: 'Model version', value: <Badge tone="accent">{event.version.label}</Badge> },
            { term: 'Probes', value: `${event.probes}, quality ${formatNumber(event.quality, 2)}` },
          ]}
        />
      </section>
      <section aria-label="Where and when">
        <h3 className="mb-2 text-sm font-semibold">Where and when</h3>
        <Facts
          facts={[
            { term: 'Site', value: event.site.name },
            { term: 'Camera', value: link(`/live/${event.camera.id}`, event.camera.name) },
            { term: 'Scenario', value: link(`/scenarios/${event.scenario.id}`, event.scenario.name) },
            { term: 'Track', value: `${event.trackId}${event.ended ? '' : ' (still on camera)'}` },
            { term: 'First seen', value: formatDateTime(event.firstSeen) },
            { term: 'Stayed', value: formatDuration(event.lastSeen - event.firstSeen) },
          ]}
        />
      </section>
      {canReview && <Review event={event} />}
    </div>
  );
}

function Review({ event }: { event: EventView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const review = useMutation(
    trpc.events.review.mutationOptions({
      onSuccess: (updated) => {
        client.setQueryData(trpc.events.get.queryKey({ id: event.id }), updated);
        void client.invalidateQueries(trpc.events.list.pathFilter());
        toast.success('Review saved');
      },
    }),
  );
  const say = (verdict: 'confirm' | 'reject' | 'clear') => review.mutate({ id: event.id, verdict });
  return (
    <section aria-label="Review" className="grid gap-3 border-t border-border pt-4">
      <h3 className="text-sm font-semibold">{event.identity ? 'Is this right?' : 'Do you know who it is?'}</h3>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {event.identity && (
          <>
            <Button size="sm" disabled={review.isPending} onClick={() => say('confirm')}>
              Confirm
            </Button>
            <Button size="sm" variant="outline" disabled={review.isPending} onClick={() => say('reject')}>
              Not this person
            </Button>
          </>
        )}
        {event.review !== 'none' && (
          <Button size="sm" variant="ghost" disabled={review.isPending} onClick={() => say('clear')}>
            Take back
          </Button>
        )}
      </div>
      <div className="grid gap-1.5">
        {event.identity && <p className="text-[13px] text-muted-foreground">It is somebody else:</p>}
        <IdentityPicker
          label="Assign to"
          value={event.review === 'assigned' ? event.reviewedIdentity : null}
          onChange={(identity) => review.mutate({ id: event.id, verdict: 'assign', identityId: identity.id })}
        />
      </div>
      {review.error && <FormError error={review.error} />}
    </section>
  );
}
