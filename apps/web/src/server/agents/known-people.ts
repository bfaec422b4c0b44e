import type { OutboxItem } from '@saface/core';
import type { Prisma } from '@saface/db';

/**
 * Those of the people whom a batch names that are enrolled. They stay so until the commit: an erasure under way is waited for, and one
 * that follows finds what was stored of them. Called for all items before any takes another lock, as an erasure begins with the
 * person, too: held the other way round, each would wait for the other.
 */
export async function knownPeople(
  tx: Prisma.TransactionClient,
  items: readonly OutboxItem[],
): Promise<ReadonlySet<string>> {
  const people = items.flatMap(peopleOf);
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Identity" WHERE "id" = ANY(${people}) ORDER BY "id" FOR KEY SHARE`;
  return new Set(rows.map(({ id }) => id));
}

function peopleOf({ kind, payload }: OutboxItem): readonly string[] {
  if (kind === 'event') return [payload.identityId, payload.runnerUpIdentityId].filter((id) => id !== null);
  return kind === 'version' ? payload.provenance.identityIds : [];
}
