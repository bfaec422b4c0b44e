import { SafaceError } from '@saface/core';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

export async function listGalleries({ prisma }: ServiceContext) {
  const galleries = await prisma.gallery.findMany({
    orderBy: { name: 'asc' },
    include: {
      _count: { select: { identities: true } },
      scenarios: { select: { scenario: { select: { id: true, name: true } } } },
    },
  });
  return galleries.map(({ _count, scenarios, createdAt, ...gallery }) => ({
    ...gallery,
    createdAt: createdAt.getTime(),
    identities: _count.identities,
    scenarios: scenarios.map(({ scenario }) => scenario),
  }));
}

interface GallerySettings {
  readonly name: string;
  readonly description: string;
}

export function createGallery(ctx: ServiceContext, data: GallerySettings) {
  return audited(ctx, async (tx) => {
    const { id } = await tx.gallery.create({ data });
    return {
      value: { id },
      record: { action: 'gallery.create', subjectKind: 'gallery', subjectId: id, data: { ...data } },
    };
  });
}

export function updateGallery(ctx: ServiceContext, { id, ...data }: GallerySettings & { id: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.gallery.updateMany({ where: { id }, data });
    if (count === 0) throw notFound('gallery');
    return { value: { id }, record: { action: 'gallery.update', subjectKind: 'gallery', subjectId: id, data } };
  });
}

/** Refused while somebody is in no other gallery: such a person would be enrolled and never searched for. */
export function deleteGallery(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const gallery = await tx.gallery.findUnique({ where: { id } });
    if (!gallery) throw notFound('gallery');
    const onlyHere = await tx.identity.count({
      where: { galleries: { some: { galleryId: id }, every: { galleryId: id } } },
    });
    if (onlyHere > 0)
      throw new SafaceError(
        'conflict',
        `${onlyHere} ${onlyHere === 1 ? 'person is' : 'people are'} only in this gallery`,
        'Move them to another gallery or erase them first.',
      );
    await tx.gallery.delete({ where: { id } });
    return {
      value: { id },
      record: { action: 'gallery.delete', subjectKind: 'gallery', subjectId: id, data: { name: gallery.name } },
    };
  });
}
