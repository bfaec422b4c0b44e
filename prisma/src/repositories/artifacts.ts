import type { ArtifactRef } from '@saface/core';
import type { Db } from '../client.ts';

export async function saveArtifactRow(db: Db, { sha256, bytes }: ArtifactRef): Promise<void> {
  await db.artifact.upsert({ where: { sha256 }, create: { sha256, bytes }, update: {} });
}

/** Those of `sha256s` that some row names. */
export async function referencedArtifacts(db: Db, sha256s: readonly string[]): Promise<Set<string>> {
  const any = { some: {} };
  const rows = await db.artifact.findMany({
    where: {
      sha256: { in: [...sha256s] },
      OR: [
        { recogniserOf: any },
        { detectorOf: any },
        { landmarksOf: any },
        { learnerOf: any },
        { enrolmentPictureOf: any },
        { enrolmentCropOf: any },
        { baseModelCropOf: any },
        { uploadOf: any },
        { importedOf: any },
        { eventCropOf: any },
        { anchorOf: any },
        { positiveOf: any },
        { negativeOf: any },
      ],
    },
    select: { sha256: true },
  });
  return new Set(rows.map(({ sha256 }) => sha256));
}
