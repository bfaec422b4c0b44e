import { modelCutSchema, recogniserSpecSchema } from '@saface/core';
import { z } from 'zod';
import type { BaseModelView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';

const cutsSchema = z.array(modelCutSchema).nullable();

/** Oldest first: the one that came with the product leads. */
export async function listBaseModels({ prisma }: ServiceContext): Promise<BaseModelView[]> {
  const rows = await prisma.baseModel.findMany({
    orderBy: { createdAt: 'asc' },
    include: {
      recogniserFile: { select: { bytes: true } },
      detector: { select: { id: true, name: true } },
      scenarios: { select: { id: true, name: true }, orderBy: { name: 'asc' } },
      _count: { select: { versions: { where: { learnerSha256: { not: null } } } } },
    },
  });
  return rows.map((row) => {
    const { dimension, metric, defaultThreshold, defaultCut, input } = recogniserSpecSchema.parse(row.recogniser);
    const cuts = cutsSchema.safeParse(row.cuts);
    return {
      id: row.id,
      name: row.name,
      licence: row.licence,
      source: row.source,
      dimension,
      metric,
      defaultThreshold,
      inputSize: input.size,
      channels: input.channels,
      cut: cuts.data?.find(({ tensor }) => tensor === defaultCut) ?? null,
      defaultCut,
      bytes: row.recogniserFile.bytes,
      scenarios: row.scenarios,
      learntVersions: row._count.versions,
      detector: row.detector,
      createdAt: row.createdAt.getTime(),
    };
  });
}
