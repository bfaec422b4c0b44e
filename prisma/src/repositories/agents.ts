import type { CameraReported, EdgeReported } from '@saface/core';
import { cameraReportedSchema, edgeReportedSchema } from '@saface/core';
import type { Db, Prisma } from '../client.ts';

export const agentWithTarget = {
  edge: { select: { id: true, name: true, siteId: true } },
  camera: { select: { id: true, name: true, siteId: true } },
} satisfies Prisma.AgentInclude;
export type AgentRow = Prisma.AgentGetPayload<{ include: typeof agentWithTarget }>;

/** The agent that counts for an edge or camera: the accepted one, else the newest. */
export function currentAgent<A extends { status: string; createdAt: Date }>(agents: readonly A[]): A | null {
  const newestFirst = [...agents].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return newestFirst.find((agent) => agent.status === 'accepted') ?? newestFirst[0] ?? null;
}

/** What an edge last reported of itself; null before the first pull. */
export function edgeReportOf(agent: { reported: unknown } | null): EdgeReported | null {
  const parsed = edgeReportedSchema.safeParse(agent?.reported);
  return parsed.success ? parsed.data : null;
}

export function cameraReportOf(agent: { reported: unknown } | null): CameraReported | null {
  const parsed = cameraReportedSchema.safeParse(agent?.reported);
  return parsed.success ? parsed.data : null;
}

export function findAgent(db: Db, id: string): Promise<AgentRow | null> {
  return db.agent.findUnique({ where: { id }, include: agentWithTarget });
}
