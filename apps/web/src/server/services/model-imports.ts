import {
  type ModelImportReport,
  modelImportReportSchema,
  type RecogniserSpec,
  recogniserSpecSchema,
  SafaceError,
  storableText,
} from '@saface/core';
import type { Prisma } from '@saface/db';
import type { ImportView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { announce } from '../jobs/announce.ts';
import { notFound, requirePermission } from './actor.ts';
import { audited } from './audited.ts';
import { toMsOrNull } from './time.ts';

/** The largest recogniser that is taken in by upload; bigger ones go through `saface models import`. */
export const MAX_MODEL_BYTES = 300 * 1024 * 1024;

type Row = Prisma.ModelImportGetPayload<object>;

const toView = (row: Row): ImportView => ({
  id: row.id,
  status: row.status,
  fileName: row.fileName,
  bytes: row.bytes,
  report: reportOf(row),
  reason: row.reason,
  remedy: row.remedy,
  baseModelId: row.baseModelId,
  detectorId: row.detectorId,
  requestedBy: row.requestedByName,
  createdAt: row.createdAt.getTime(),
  checkedAt: toMsOrNull(row.checkedAt),
});

function reportOf({ report }: Pick<Row, 'report'>): ModelImportReport | null {
  const parsed = modelImportReportSchema.safeParse(report);
  return parsed.success ? parsed.data : null;
}

/** Newest first; confirmed ones have become base models and are left out. */
export async function listImports({ prisma }: ServiceContext): Promise<ImportView[]> {
  const rows = await prisma.modelImport.findMany({
    where: { status: { not: 'confirmed' } },
    orderBy: { createdAt: 'desc' },
    take: 50,
  });
  return rows.map(toView);
}

export async function getImport({ prisma }: ServiceContext, { id }: { id: string }): Promise<ImportView> {
  const row = await prisma.modelImport.findUnique({ where: { id } });
  if (!row) throw notFound('import');
  return toView(row);
}

/** Takes the file in; the worker looks at it. */
export async function addImport(ctx: ServiceContext, { fileName, bytes }: { fileName: string; bytes: Uint8Array }) {
  requirePermission(ctx.actor, 'policy.write');
  if (bytes.length === 0)
    throw new SafaceError('invalid-input', `"${fileName}" is empty`, 'Export or copy the model again.');
  const id = await audited(ctx, async (tx) => {
    const { sha256 } = await ctx.artifacts.put(tx, bytes);
    const row = await tx.modelImport.create({
      data: {
        fileName: storableText(fileName.slice(0, 200)),
        bytes: bytes.length,
        uploadSha256: sha256,
        requestedByName: ctx.actor.name,
      },
    });
    const data = { fileName: row.fileName, bytes: row.bytes, sha256 };
    return { value: row.id, record: { action: 'model.upload', subjectKind: 'import', subjectId: row.id, data } };
  });
  await announce<'modelImport'>(ctx.importQueue, { id, payload: { modelImportId: id }, log: ctx.log });
  return { id };
}

export interface Confirmation {
  readonly id: string;
  readonly name: string;
  readonly licence: string | null;
  readonly source: string | null;
  readonly cut: string;
  readonly channels: RecogniserSpec['input']['channels'];
  readonly mean: RecogniserSpec['input']['mean'];
  readonly scale: RecogniserSpec['input']['scale'];
  readonly threshold: number;
}

/** An engineer has looked at what was probed, corrected it where needed and chosen the cut: the import becomes a base model. */
export function confirmImport(ctx: ServiceContext, { id, name, licence, source, cut, ...input }: Confirmation) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "ModelImport" WHERE "id" = ${id} FOR UPDATE`;
    const row = await tx.modelImport.findUnique({ where: { id } });
    const report = row && reportOf(row);
    if (!row) throw notFound('import');
    if (row.status !== 'ready' || !row.onnxSha256 || !report)
      throw new SafaceError('conflict', `The import is ${row.status}`, 'Reload the page to see where it stands.');
    if (report.kind !== 'recogniser')
      throw new SafaceError('conflict', 'The file is a detector, not a recogniser', 'Reload the page.');
    if (!report.cuts.some(({ tensor }) => tensor === cut))
      throw new SafaceError('invalid-input', `The model cannot be cut at "${cut}"`, 'Choose one of the listed places.');
    // Detection is not the recogniser's business: it begins with the detector of the oldest base model.
    const installed = await tx.baseModel.findFirst({ orderBy: { createdAt: 'asc' } });
    if (!installed) throw new SafaceError('conflict', 'No face detector is installed', 'Run “saface models build”.');
    const spec = recogniserSpecSchema.parse({
      ...report.spec,
      name,
      input: { ...report.spec.input, channels: input.channels, mean: input.mean, scale: input.scale },
      defaultCut: cut,
      defaultThreshold: input.threshold,
    });
    const model = await tx.baseModel.create({
      data: {
        name,
        licence,
        source,
        cuts: report.cuts as unknown as Prisma.InputJsonArray,
        recogniser: spec as unknown as Prisma.InputJsonObject,
        recogniserSha256: row.onnxSha256,
        detectorId: installed.detectorId,
        landmarksSha256: installed.landmarksSha256,
      },
    });
    await tx.modelImport.update({ where: { id }, data: { status: 'confirmed', baseModelId: model.id } });
    const data = { importId: id, licence, source, cut, ...input };
    return {
      value: { id: model.id },
      record: { action: 'model.create', subjectKind: 'base-model', subjectId: model.id, data },
    };
  });
}

export interface DetectorConfirmation {
  readonly id: string;
  readonly name: string;
  readonly licence: string | null;
  readonly source: string | null;
}

/** An engineer has seen how the detector does on the sample pictures: base models may be given it from now on. */
export function confirmDetector(ctx: ServiceContext, { id, name, licence, source }: DetectorConfirmation) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "ModelImport" WHERE "id" = ${id} FOR UPDATE`;
    const row = await tx.modelImport.findUnique({ where: { id } });
    const report = row && reportOf(row);
    if (!row) throw notFound('import');
    if (row.status !== 'ready' || !row.onnxSha256 || report?.kind !== 'detector')
      throw new SafaceError(
        'conflict',
        report?.kind === 'recogniser' ? 'The file is a recogniser, not a detector' : `The import is ${row.status}`,
        'Reload the page to see where it stands.',
      );
    const { family } = report;
    const detector = await tx.detector.create({ data: { name, licence, source, family, sha256: row.onnxSha256 } });
    await tx.modelImport.update({ where: { id }, data: { status: 'confirmed', detectorId: detector.id } });
    const data = { importId: id, name, family, licence, source };
    return {
      value: { id: detector.id },
      record: { action: 'detector.create', subjectKind: 'detector', subjectId: detector.id, data },
    };
  });
}

/** Throws an import away that has not become a base model, with its files. */
export async function discardImport(ctx: ServiceContext, { id }: { id: string }) {
  const files = await audited(ctx, async (tx) => {
    const row = await tx.modelImport.findUnique({ where: { id } });
    if (!row) throw notFound('import');
    if (row.status === 'confirmed')
      throw new SafaceError('conflict', 'The import has become a model of its own', 'It stays as its record.');
    await tx.modelImport.delete({ where: { id } });
    return {
      value: [row.uploadSha256, row.onnxSha256],
      record: { action: 'model.discard', subjectKind: 'import', subjectId: id, data: { fileName: row.fileName } },
    };
  });
  await ctx.artifacts.release(ctx.prisma, files);
  return { id };
}
