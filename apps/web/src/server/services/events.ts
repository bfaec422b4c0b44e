import { SafaceError } from '@saface/core';
import { type EventQuery, findEvent, findEvents, type StoredEvent } from '@saface/db/repositories/events';
import type { EventView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { decodeCursor, pageOf } from './cursor.ts';
import { toMsOrNull } from './time.ts';

export const toEventView = ({ cropSha256, reviewedByName, ...event }: StoredEvent): EventView => ({
  ...event,
  firstSeen: event.firstSeen.getTime(),
  lastSeen: event.lastSeen.getTime(),
  // The hash changes with the picture, so that a browser may keep what it has.
  cropUrl: cropSha256 && `/api/events/${event.id}/crop?v=${cropSha256.slice(0, 8)}`,
  reviewedBy: reviewedByName,
  reviewedAt: toMsOrNull(event.reviewedAt),
});

export async function listEvents(
  { prisma }: ServiceContext,
  { cursor, limit, ...query }: EventQuery & { cursor?: string | null | undefined; limit: number },
) {
  const rows = await findEvents(prisma, query, { after: decodeCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = pageOf(rows, limit, (row) => ({ time: row.firstSeen, id: row.id }));
  return { items: items.map(toEventView), nextCursor };
}

export async function getEvent({ prisma }: ServiceContext, { id }: { id: string }) {
  const event = await findEvent(prisma, id);
  if (!event) throw notFound('event');
  return toEventView(event);
}

const outcomes = { confirm: 'confirmed', reject: 'rejected', assign: 'assigned', clear: 'none' } as const;

export interface ReviewInput {
  readonly id: string;
  readonly verdict: keyof typeof outcomes;
  readonly identityId?: string | undefined;
}

/** What a person says of a decision. The decision itself stays as it was made. */
export async function reviewEvent(ctx: ServiceContext, { id, verdict, identityId }: ReviewInput) {
  await audited(ctx, async (tx) => {
    const event = await tx.event.findUnique({ where: { id } });
    if (!event) throw notFound('event');
    if (verdict === 'assign') {
      if (!identityId) throw new SafaceError('invalid-input', 'Nobody was chosen', 'Choose who this is.');
      if (!(await tx.identity.findUnique({ where: { id: identityId } }))) throw notFound('identity');
    }
    if (verdict === 'reject' && event.decision === 'unknown')
      throw new SafaceError('conflict', 'Nobody was recognised here', 'Assign the event to somebody instead.');
    await tx.event.update({
      where: { id },
      data: {
        review: outcomes[verdict],
        reviewedIdentityId: verdict === 'assign' ? identityId! : verdict === 'confirm' ? event.identityId : null,
        reviewedByName: verdict === 'clear' ? null : ctx.actor.name,
        reviewedAt: verdict === 'clear' ? null : new Date(),
      },
    });
    const data = { verdict, ...(identityId && { identityId }) };
    return { value: null, record: { action: 'event.review', subjectKind: 'event', subjectId: id, data } };
  });
  return getEvent(ctx, { id });
}
