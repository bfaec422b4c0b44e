import { SafaceError } from '@saface/core';
import type { Db } from '@saface/db';
import {
  findIdentities,
  findIdentity,
  type IdentityQuery,
  identityNames,
  type StoredIdentity,
} from '@saface/db/repositories/identities';
import { versionRef, versionsThatLearntFrom } from '@saface/db/repositories/versions';
import type { z } from 'zod';
import type { consentInput, IdentityRowView, IdentityView, legalBases } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { decodeCursor, pageOf } from './cursor.ts';
import { toMsOrNull } from './time.ts';

type Basis = (typeof legalBases)[number];
type Image = StoredIdentity['images'][number];

const cropUrl = (image: Image) => image.cropSha256 && `/api/enrolment-images/${image.id}/crop`;
const pictureUrl = (image: Image) => image.pictureSha256 && `/api/enrolment-images/${image.id}/picture`;

function toRow(identity: StoredIdentity): IdentityRowView {
  const { id, name, galleries, images } = identity;
  const count = (status: Image['status']) => images.filter((image) => image.status === status).length;
  const shown = images.find((image) => image.status === 'accepted' && image.cropSha256);
  return {
    id,
    name,
    galleries,
    images: { accepted: count('accepted'), pending: count('pending'), rejected: count('rejected') },
    pictureUrl: shown ? cropUrl(shown) : null,
    consentExpiresAt: toMsOrNull(identity.consentExpiresAt),
    createdAt: identity.createdAt.getTime(),
    lastSeenAt: toMsOrNull(identity.lastSeenAt),
  };
}

export async function listIdentities(
  { prisma }: ServiceContext,
  { cursor, limit, ...query }: IdentityQuery & { cursor?: string | null | undefined; limit: number },
) {
  const { rows, total } = await findIdentities(prisma, query, { after: decodeCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = pageOf(rows, limit, (row) => ({ time: row.createdAt, id: row.id }));
  return { items: items.map(toRow), nextCursor, total };
}

export async function getIdentity({ prisma }: ServiceContext, { id }: { id: string }): Promise<IdentityView> {
  const identity = await findIdentity(prisma, id);
  if (!identity) throw notFound('identity');
  const duplicates = identity.images.flatMap((image) => image.duplicateOfIdentityId ?? []);
  const names = await identityNames(prisma, duplicates);
  const learnt = await versionsThatLearntFrom(prisma, id);
  const duplicateOf = (other: string | null) => {
    const name = other === null ? undefined : names.get(other);
    return other !== null && name !== undefined ? { id: other, name } : null;
  };
  return {
    id,
    name: identity.name,
    galleries: identity.galleries,
    consent: {
      purpose: identity.purpose,
      basis: identity.basis as Basis,
      expiresAt: toMsOrNull(identity.consentExpiresAt),
      note: identity.note,
      recordedBy: identity.recordedByName,
      recordedAt: identity.recordedAt.getTime(),
    },
    versions: learnt.map(({ scenario, retiredAt, ...version }) => ({
      ...versionRef(version),
      scenarioName: scenario.name,
      retired: retiredAt !== null,
    })),
    createdAt: identity.createdAt.getTime(),
    lastSeenAt: toMsOrNull(identity.lastSeenAt),
    images: identity.images.map((image) => ({
      id: image.id,
      fileName: image.fileName,
      status: image.status,
      reason: image.reason,
      quality: image.quality,
      source: image.source,
      duplicateOf: duplicateOf(image.duplicateOfIdentityId),
      pictureUrl: pictureUrl(image),
      cropUrl: cropUrl(image),
      createdAt: image.createdAt.getTime(),
      checkedAt: toMsOrNull(image.checkedAt),
    })),
  };
}

interface IdentitySettings {
  readonly name: string;
  readonly galleryIds: readonly string[];
  readonly consent: z.output<typeof consentInput>;
}

const columns = ({ name, consent }: IdentitySettings) => ({
  name,
  purpose: consent.purpose,
  basis: consent.basis,
  note: consent.note,
  consentExpiresAt: consent.expiresAt === null ? null : new Date(consent.expiresAt),
});

/** What the audit log keeps of a consent record: no name. */
const recordOf = ({ galleryIds, consent }: IdentitySettings) => ({
  galleryIds,
  purpose: consent.purpose,
  basis: consent.basis,
  expiresAt: consent.expiresAt,
});

async function checkGalleries(tx: Db, galleryIds: readonly string[]): Promise<string[]> {
  const unique = [...new Set(galleryIds)];
  if ((await tx.gallery.count({ where: { id: { in: unique } } })) !== unique.length) throw notFound('gallery');
  return unique;
}

function checkExpiry({ consent }: IdentitySettings): void {
  if (consent.expiresAt !== null && consent.expiresAt <= Date.now())
    throw new SafaceError('invalid-input', 'The consent has expired already', 'Choose a day in the future, or none.');
}

export function createIdentity(ctx: ServiceContext, input: IdentitySettings) {
  checkExpiry(input);
  return audited(ctx, async (tx) => {
    const galleryIds = await checkGalleries(tx, input.galleryIds);
    const { id } = await tx.identity.create({
      data: {
        ...columns(input),
        recordedByName: ctx.actor.name,
        galleries: { create: galleryIds.map((galleryId) => ({ galleryId })) },
      },
    });
    return {
      value: { id },
      record: { action: 'identity.create', subjectKind: 'identity', subjectId: id, data: recordOf(input) },
    };
  });
}

/** Changing the consent record dates and signs it anew. */
export function updateIdentity(ctx: ServiceContext, { id, ...input }: IdentitySettings & { id: string }) {
  return audited(ctx, async (tx) => {
    const old = await tx.identity.findUnique({ where: { id } });
    if (!old) throw notFound('identity');
    const wanted = columns(input);
    const consentChanged =
      old.purpose !== wanted.purpose ||
      old.basis !== wanted.basis ||
      old.note !== wanted.note ||
      old.consentExpiresAt?.getTime() !== wanted.consentExpiresAt?.getTime();
    if (consentChanged) checkExpiry(input);
    const galleryIds = await checkGalleries(tx, input.galleryIds);
    await tx.identity.update({
      where: { id },
      data: {
        ...wanted,
        ...(consentChanged && { recordedByName: ctx.actor.name, recordedAt: new Date() }),
        galleries: { deleteMany: {}, create: galleryIds.map((galleryId) => ({ galleryId })) },
      },
    });
    return {
      value: { id },
      record: { action: 'identity.update', subjectKind: 'identity', subjectId: id, data: recordOf(input) },
    };
  });
}
