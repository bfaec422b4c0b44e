import type { Db } from '../client.ts';

export interface VersionUsage {
  readonly events: number;
  readonly recognised: number;
  /** Of the recognised; null when there is none. */
  readonly medianDistance: number | null;
}

/** What a version decided while it served. */
export async function versionUsage(db: Db, versionId: string): Promise<VersionUsage> {
  const [row] = await db.$queryRaw<VersionUsage[]>`
    SELECT count(*)::int AS events,
           count(*) FILTER (WHERE "decision" = 'recognised')::int AS recognised,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY "distance") FILTER (WHERE "decision" = 'recognised') AS "medianDistance"
      FROM "Event" WHERE "versionId" = ${versionId}`;
  return row;
}
