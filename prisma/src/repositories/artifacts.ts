import type { ArtifactRef } from '@saface/core';
import type { Db } from '../client.ts';

export async function saveArtifactRow(db: Db, { sha256, bytes }: ArtifactRef): Promise<void> {
  await db.artifact.upsert({ where: { sha256 }, create: { sha256, bytes }, update: {} });
}

export async function isArtifactReferenced(db: Db, sha256: string): Promise<boolean> {
  const row = await db.artifact.findUnique({
    where: { sha256 },
    select: {
      _count: {
        select: {
          recogniserOf: true,
          detectorOf: true,
          landmarksOf: true,
          learnerOf: true,
          enrolmentPictureOf: true,
          enrolmentCropOf: true,
          baseModelCropOf: true,
          uploadOf: true,
          importedOf: true,
          eventCropOf: true,
          anchorOf: true,
          positiveOf: true,
          negativeOf: true,
        },
      },
    },
  });
  return row !== null && Object.values(row._count).some((count) => count > 0);
}
