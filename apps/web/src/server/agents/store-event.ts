import { type RecognitionEvent, SafaceError } from '@saface/core';
import type { ItemContext } from './push.ts';
import { requireCamera, requireScenario } from './push-scope.ts';

/** One row per track. An older or equal sequence changes nothing; what a person said of the event is kept. */
export async function storeEvent(context: ItemContext, event: RecognitionEvent): Promise<void> {
  const { deps, tx, scope, people, release } = context;
  requireCamera(scope, event.cameraId);
  requireScenario(scope, event.scenarioId);
  const old = await tx.event.findUnique({ where: { id: event.id } });
  if (old && old.siteId !== scope.siteId)
    throw new SafaceError('conflict', `Event ${event.id} belongs to another site`, 'The report is dropped.');
  if (old && old.sequence >= event.sequence) return;
  const version = await tx.modelVersion.findFirst({ where: { id: event.versionId, scenarioId: event.scenarioId } });
  if (!version)
    throw new SafaceError('not-found', `There is no version ${event.versionId}`, 'It may have been deleted.');
  // Somebody who was erased while the report waited: neither the link nor the picture may come back.
  const gone = event.identityId !== null && !people.has(event.identityId);
  // The track goes on, perhaps as somebody unknown, and would bring the same face again.
  const erased = gone || (old?.cropErased ?? false);
  const present = (id: string | null) => (id !== null && people.has(id) ? id : null);
  const { cropJpeg, box, firstSeen, lastSeen, identityId, runnerUpIdentityId, ...columns } = event;
  const crop = cropJpeg !== null && !erased ? await deps.artifacts.put(tx, Buffer.from(cropJpeg, 'base64')) : null;
  const cropSha256 = crop?.sha256 ?? (erased ? null : (old?.cropSha256 ?? null));
  if (old?.cropSha256 && old.cropSha256 !== cropSha256) release.push(old.cropSha256);
  const data = {
    ...columns,
    siteId: scope.siteId,
    box,
    firstSeen: new Date(firstSeen),
    lastSeen: new Date(lastSeen),
    identityId: present(identityId),
    runnerUpIdentityId: present(runnerUpIdentityId),
    cropSha256,
    cropErased: erased,
  };
  await tx.event.upsert({ where: { id: event.id }, create: data, update: data });
}
