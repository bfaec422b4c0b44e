import { sourceConfigSchema } from '@saface/core';
import type { Db, Prisma } from '../client.ts';
import { cameraReportOf, currentAgent, edgeReportOf } from './agents.ts';

const ref = { select: { id: true, name: true } } as const;
const include = {
  site: ref,
  scenario: ref,
  edge: { select: { id: true, name: true, agents: true } },
  agents: true,
} satisfies Prisma.CameraInclude;
type CameraRow = Prisma.CameraGetPayload<{ include: typeof include }>;

/** A camera agent that has not pulled for this long is gone, whatever it last said. */
const SILENT_AFTER_MS = 10_000;

function toCamera(row: CameraRow, now: number) {
  const { siteId, scenarioId, edgeServerId, deletedAt, ingestKeySealed, ingestKeySha256, agents, edge, ...camera } =
    row;
  const agent = currentAgent(agents);
  const online = agent?.lastSeenAt != null && now - agent.lastSeenAt.getTime() < SILENT_AFTER_MS;
  const own = online ? cameraReportOf(agent) : null;
  // The edge knows whether frames arrive; the camera knows why they do not.
  const seenByEdge = edgeReportOf(edge ? currentAgent(edge.agents) : null)?.cameras.find((c) => c.cameraId === row.id);
  return {
    ...camera,
    source: sourceConfigSchema.parse(row.source),
    edge: edge && { id: edge.id, name: edge.name },
    state: own?.state ?? ('offline' as const),
    error: own?.error ?? (online ? (seenByEdge?.error ?? null) : null),
    agentStatus: agent?.status ?? ('none' as const),
    lastSeenAt: agent?.lastSeenAt ?? null,
  };
}
export type Camera = ReturnType<typeof toCamera>;

/** Living cameras, by name. */
export async function findCameras(db: Db, where: { siteId?: string | undefined; id?: string } = {}): Promise<Camera[]> {
  const rows = await db.camera.findMany({
    where: { deletedAt: null, ...(where.siteId && { siteId: where.siteId }), ...(where.id && { id: where.id }) },
    include,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  const now = Date.now();
  return rows.map((row) => toCamera(row, now));
}
