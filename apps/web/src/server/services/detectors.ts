import { SafaceError } from '@saface/core';
import type { DetectorView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

/** Oldest first: the one that came with the product leads. */
export async function listDetectors({ prisma }: ServiceContext): Promise<DetectorView[]> {
  const rows = await prisma.detector.findMany({
    orderBy: { createdAt: 'asc' },
    include: {
      file: { select: { bytes: true } },
      baseModels: { select: { id: true, name: true }, orderBy: { name: 'asc' } },
    },
  });
  return rows.map(({ id, name, family, licence, source, file, baseModels, createdAt }) => ({
    id,
    name,
    family,
    licence,
    source,
    bytes: file.bytes,
    baseModels,
    createdAt: createdAt.getTime(),
  }));
}

export interface DetectorChoice {
  readonly baseModelId: string;
  readonly detectorId: string;
  readonly reason: string;
}

/** Cameras of the base model's scenarios open the other detector as soon as they pull; enrolled pictures stay as they are. */
export function chooseDetector(ctx: ServiceContext, { baseModelId, detectorId, reason }: DetectorChoice) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "BaseModel" WHERE "id" = ${baseModelId} FOR UPDATE`;
    const model = await tx.baseModel.findUnique({ where: { id: baseModelId } });
    const detector = await tx.detector.findUnique({ where: { id: detectorId } });
    if (!model) throw notFound('base model');
    if (!detector) throw notFound('detector');
    if (model.detectorId === detectorId)
      throw new SafaceError('conflict', `${model.name} uses ${detector.name} already`, 'Choose another detector.');
    await tx.baseModel.update({ where: { id: baseModelId }, data: { detectorId } });
    const data = { from: model.detectorId, to: detectorId, reason };
    return {
      value: { id: baseModelId },
      record: { action: 'model.detector', subjectKind: 'base-model', subjectId: baseModelId, data },
    };
  });
}
