import { type ModelImportReport, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import type { Deps } from '../deps.ts';
import type { JobHandler } from './registry.ts';

/** A file as it will serve, and what was found in it. */
export interface ReadModel {
  readonly onnx: Uint8Array;
  readonly report: ModelImportReport;
}

/** @throws SafaceError that says why the file is of no use here, and what to do about it */
export type ReadModelFile = (bytes: Uint8Array, fileName: string) => Promise<ReadModel>;

/** Reads an uploaded recogniser or detector; what comes of it waits for an engineer to confirm. */
export function modelImportHandler(deps: Deps, readModelFile: ReadModelFile): JobHandler<'modelImport'> {
  return {
    queue: 'modelImport',
    concurrency: 1,
    async run({ modelImportId: id }) {
      const { prisma, artifacts } = deps;
      const row = await prisma.modelImport.findUnique({ where: { id } });
      // Read, or thrown away, in the meantime: a job that comes twice changes nothing.
      if (row?.status !== 'pending' || !row.uploadSha256) return;
      const outcome = await read(row, { artifacts, readModelFile });
      if (outcome instanceof SafaceError) return refuse(deps, row, outcome);
      await prisma.$transaction(async (tx) => {
        const { sha256: onnxSha256 } = await artifacts.put(tx, outcome.onnx);
        const report = outcome.report as unknown as Prisma.InputJsonObject;
        const data = { status: 'ready' as const, report, onnxSha256, uploadSha256: null, checkedAt: new Date() };
        await tx.modelImport.updateMany({ where: { id, status: 'pending' }, data });
      });
      await artifacts.release(prisma, [row.uploadSha256]);
    },
    async giveUp({ modelImportId: id }, why) {
      const row = await deps.prisma.modelImport.findUnique({ where: { id } });
      if (row?.status === 'pending') await refuse(deps, row, why);
    },
  };
}

async function refuse(
  { prisma, artifacts }: Deps,
  { id, uploadSha256 }: { id: string; uploadSha256: string | null },
  { message: reason, remedy }: SafaceError,
): Promise<void> {
  await prisma.modelImport.updateMany({
    where: { id, status: 'pending' },
    data: { status: 'refused', reason, remedy, uploadSha256: null, checkedAt: new Date() },
  });
  await artifacts.release(prisma, [uploadSha256]);
}

async function read(
  { uploadSha256, fileName }: { uploadSha256: string | null; fileName: string },
  { artifacts, readModelFile }: Pick<Deps, 'artifacts'> & { readModelFile: ReadModelFile },
): Promise<ReadModel | SafaceError> {
  try {
    return await readModelFile(await artifacts.read(uploadSha256!), fileName);
  } catch (error) {
    if (error instanceof SafaceError && error.code !== 'unavailable' && error.code !== 'internal') return error;
    throw error;
  }
}
