import { type GateVerdictReport, gateVerdictSchema, type NewVersion, newVersionSchema } from '@saface/core';
import type { Db } from '../client.ts';

/** Number 0 is the base model itself. */
export const versionLabel = (number: number): string => (number === 0 ? 'base' : `v${number}`);

export const versionRef = (version: { id: string; number: number }) => ({
  id: version.id,
  label: versionLabel(version.number),
});

export function verdictOf(row: { verdict: unknown }): GateVerdictReport | null {
  const parsed = gateVerdictSchema.safeParse(row.verdict);
  return parsed.success ? parsed.data : null;
}

export function provenanceOf(row: { provenance: unknown }): NewVersion['provenance'] | null {
  const parsed = newVersionSchema.shape.provenance.safeParse(row.provenance);
  return parsed.success ? parsed.data : null;
}

/**
 * Versions that learnt from somebody, parents before their children: from tracks of theirs, or by growing out of a version
 * that did.
 */
export async function versionsThatLearntFrom(db: Db, identityId: string) {
  const ids = await db.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE learnt(id) AS (
      SELECT "versionId" FROM "VersionIdentity" WHERE "identityId" = ${identityId}
      UNION
      SELECT child."id" FROM "ModelVersion" AS child JOIN learnt ON child."parentId" = learnt.id
    )
    SELECT id FROM learnt`;
  return db.modelVersion.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    select: { id: true, number: true, runId: true, retiredAt: true, scenario: { select: { name: true } } },
    orderBy: [{ scenarioId: 'asc' }, { number: 'asc' }],
  });
}
