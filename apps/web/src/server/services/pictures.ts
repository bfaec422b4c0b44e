import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';

const noPicture = () => notFound('picture');

export async function readEventCrop({ prisma, artifacts }: ServiceContext, id: string): Promise<Uint8Array> {
  const event = await prisma.event.findUnique({ where: { id }, select: { cropSha256: true } });
  if (!event?.cropSha256) throw noPicture();
  return artifacts.read(event.cropSha256);
}

export async function readEnrolmentPicture({ prisma, artifacts }: ServiceContext, id: string): Promise<Uint8Array> {
  const image = await prisma.enrolmentImage.findUnique({ where: { id }, select: { pictureSha256: true } });
  if (!image?.pictureSha256) throw noPicture();
  return artifacts.read(image.pictureSha256);
}

export async function readEnrolmentCrop({ prisma, artifacts }: ServiceContext, id: string): Promise<Uint8Array> {
  const image = await prisma.enrolmentImage.findUnique({ where: { id }, select: { cropSha256: true } });
  if (!image?.cropSha256) throw noPicture();
  return artifacts.read(image.cropSha256);
}

const parts = { anchor: 'anchorSha256', positive: 'positiveSha256', negative: 'negativeSha256' } as const;

export async function readTripletPicture(
  { prisma, artifacts }: ServiceContext,
  { id, part }: { id: string; part: string },
): Promise<Uint8Array> {
  const column = Object.hasOwn(parts, part) ? parts[part as keyof typeof parts] : null;
  const triplet = column && (await prisma.tripletExample.findUnique({ where: { id } }));
  if (!triplet) throw noPicture();
  return artifacts.read(triplet[column]);
}
