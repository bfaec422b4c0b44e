import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniserSpecSchema, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import type { Deps } from '../deps.ts';
import { systemActor } from '../services/actor.ts';
import { recordAudit } from '../services/audit-log.ts';
import { RESULT_MODEL, RESULT_SPEC } from './pretraining-protocol.ts';

/** Makes what a pre-training left in its folder a base model, with the detector that is installed. */
export async function registerPretrained(
  { prisma, artifacts }: Deps,
  { id, name, runDir }: { id: string; name: string; runDir: string },
): Promise<void> {
  const onnx = await readFile(join(runDir, RESULT_MODEL));
  const spec = recogniserSpecSchema.parse(JSON.parse(await readFile(join(runDir, RESULT_SPEC), 'utf8')));
  await prisma.$transaction(
    async (tx) => {
      const row = await tx.pretraining.findUniqueOrThrow({ where: { id } });
      // Cancelled in the last moment.
      if (row.status !== 'running') return;
      const installed = await tx.baseModel.findFirst({ orderBy: { createdAt: 'asc' } });
      if (!installed) throw new SafaceError('conflict', 'No face detector is installed', 'Run “saface models build”.');
      const taken = await tx.baseModel.findUnique({ where: { name } });
      const model = await tx.baseModel.create({
        data: {
          name: taken ? `${name} (${id.slice(-6)})` : name,
          source: `pre-trained here on ${row.folder}`,
          recogniser: spec as unknown as Prisma.InputJsonObject,
          recogniserSha256: (await artifacts.put(tx, onnx)).sha256,
          detectorId: installed.detectorId,
          landmarksSha256: installed.landmarksSha256,
        },
      });
      await tx.pretraining.update({
        where: { id },
        data: { status: 'done', note: null, baseModelId: model.id, endedAt: new Date() },
      });
      await recordAudit(tx, systemActor, {
        action: 'model.create',
        subjectKind: 'base-model',
        subjectId: model.id,
        data: { pretrainingId: id, requestedBy: row.requestedByName },
      });
    },
    { timeout: 60_000 },
  );
}
