import { modelCutSchema, recogniserSpecSchema, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { z } from 'zod';
import { inWords } from '../../lib/describe-contents.ts';
import type { BaseModelView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

const ref = { select: { id: true, name: true } } as const;
/** One of each scenario. */
const lineages = {
  select: { scenario: ref },
  distinct: ['scenarioId'],
  orderBy: { scenario: { name: 'asc' } },
} satisfies Prisma.BaseModel$versionsArgs;

const cutsSchema = z.array(modelCutSchema).nullable();

/** Oldest first: the one that came with the product leads. */
export async function listBaseModels({ prisma }: ServiceContext): Promise<BaseModelView[]> {
  const rows = await prisma.baseModel.findMany({
    orderBy: { createdAt: 'asc' },
    include: {
      recogniserFile: { select: { bytes: true } },
      detector: ref,
      scenarios: { ...ref, orderBy: { name: 'asc' } },
      versions: lineages,
      _count: { select: { versions: { where: { learnerSha256: { not: null } } } } },
    },
  });
  return rows.map((row, index) => {
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
      lineages: row.versions.map(({ scenario }) => scenario),
      builtIn: index === 0,
      learntVersions: row._count.versions,
      detector: row.detector,
      createdAt: row.createdAt.getTime(),
    };
  });
}

export function renameBaseModel(ctx: ServiceContext, { id, name }: { id: string; name: string }) {
  return audited(ctx, async (tx) => {
    const model = await lockModel(tx, id);
    await tx.baseModel.update({ where: { id }, data: { name } });
    const data = { name, before: { name: model.name } };
    return { value: { id }, record: { action: 'model.rename', subjectKind: 'base-model', subjectId: id, data } };
  });
}

/**
 * Deletes a base model that nothing stands on, with its files, the crops and templates that enrolled pictures have for it, and the upload
 * it came from. Never the one that came with the product, from which later ones take their detector.
 */
export async function deleteBaseModel(ctx: ServiceContext, { id }: { id: string }) {
  const files = await audited(ctx, async (tx) => {
    const { name, licence, source, versions, moves, ...model } = await lockModel(tx, id);
    const builtIn = await tx.baseModel.findFirst({ orderBy: { createdAt: 'asc' } });
    if (builtIn?.id === id)
      throw new SafaceError('conflict', `${name} came with the product`, 'Later models take their detector from it.');
    if (versions.length > 0)
      throw new SafaceError(
        'conflict',
        `${name} has versions in ${inWords(versions.map(({ scenario }) => scenario.name))}`,
        'Versions of a base model apply again after a move back to it: it stays as long as the scenario does.',
      );
    if (moves.length > 0)
      throw new SafaceError(
        'conflict',
        `${inWords(moves.map(({ scenario }) => scenario.name))} is on the way to ${name}`,
        'Cancel that move first.',
      );
    const crops = await tx.enrolmentCrop.findMany({ where: { baseModelId: id }, select: { cropSha256: true } });
    const imports = await tx.modelImport.findMany({ where: { baseModelId: id } });
    await tx.modelImport.deleteMany({ where: { baseModelId: id } });
    await tx.baseModel.delete({ where: { id } });
    const value = [
      model.recogniserSha256,
      model.landmarksSha256,
      ...crops.map(({ cropSha256 }) => cropSha256),
      ...imports.flatMap(({ uploadSha256, onnxSha256 }) => [uploadSha256, onnxSha256]),
    ];
    const data = { name, licence, source, sha256: model.recogniserSha256 };
    return { value, record: { action: 'model.delete', subjectKind: 'base-model', subjectId: id, data } };
  });
  await ctx.artifacts.release(ctx.prisma, files);
  return { id };
}

async function lockModel(tx: Prisma.TransactionClient, id: string) {
  await tx.$executeRaw`SELECT 1 FROM "BaseModel" WHERE "id" = ${id} FOR UPDATE`;
  const model = await tx.baseModel.findUnique({
    where: { id },
    include: {
      versions: lineages,
      moves: { where: { status: 'preparing' }, select: { scenario: ref } },
    },
  });
  if (!model) throw notFound('base model');
  return model;
}
