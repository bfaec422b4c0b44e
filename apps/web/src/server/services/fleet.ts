import { defaultSchedulingPolicy, SafaceError } from '@saface/core';
import { newIngestKey } from '@saface/db/ingest-key';
import { agentWithTarget, currentAgent, edgeReportOf } from '@saface/db/repositories/agents';
import { versionRef } from '@saface/db/repositories/versions';
import type { FleetView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { toAgentView } from './agent-view.ts';
import { audited } from './audited.ts';

const ref = { select: { id: true, name: true } } as const;

export async function listFleet(
  { prisma }: ServiceContext,
  { siteId }: { siteId?: string | undefined },
): Promise<FleetView> {
  const where = siteId ? { siteId } : {};
  const [edges, cameras, pending, scenarios] = await Promise.all([
    prisma.edgeServer.findMany({
      where,
      include: {
        site: ref,
        agents: { include: agentWithTarget },
        _count: { select: { cameras: { where: { deletedAt: null } } } },
      },
      orderBy: { name: 'asc' },
    }),
    prisma.camera.findMany({
      where: { ...where, deletedAt: null },
      include: { site: ref, edge: ref, agents: { include: agentWithTarget } },
      orderBy: { name: 'asc' },
    }),
    prisma.agent.findMany({
      where: { status: 'pending', ...(siteId && { OR: [{ edge: { siteId } }, { camera: { siteId } }] }) },
      include: agentWithTarget,
      orderBy: { createdAt: 'desc' },
    }),
    prisma.scenario.findMany({
      where,
      select: { id: true, name: true, versions: { select: { id: true, number: true } } },
    }),
  ]);
  const servingOf = (entries: { scenarioId: string; versionId: string }[]) =>
    entries.flatMap(({ scenarioId, versionId }) => {
      const scenario = scenarios.find(({ id }) => id === scenarioId);
      const version = scenario?.versions.find(({ id }) => id === versionId);
      return scenario && version
        ? [{ scenario: { id: scenario.id, name: scenario.name }, version: versionRef(version) }]
        : [];
    });
  return {
    edges: edges.map(({ id, name, site, agents, _count }) => {
      const agent = currentAgent(agents);
      const report = edgeReportOf(agent);
      return {
        id,
        name,
        site,
        cameras: _count.cameras,
        agent: agent && toAgentView(agent),
        ingestUrl: report?.ingestUrl ?? null,
        serving: servingOf(report?.serving ?? []),
        measured: report?.measured ?? null,
        outboxDepth: report?.outboxDepth ?? null,
      };
    }),
    cameras: cameras.map(({ id, name, site, edge, agents }) => {
      const agent = currentAgent(agents);
      return { id, name, site, edge, agent: agent && toAgentView(agent) };
    }),
    pending: pending.map(toAgentView),
  };
}

export function createEdge(ctx: ServiceContext, { siteId, name }: { siteId: string; name: string }) {
  return audited(ctx, async (tx) => {
    if (!(await tx.site.findUnique({ where: { id: siteId } }))) throw notFound('site');
    const { id } = await tx.edgeServer.create({ data: { siteId, name, policy: defaultSchedulingPolicy } });
    return {
      value: { id },
      record: { action: 'edge.create', subjectKind: 'edge', subjectId: id, data: { siteId, name } },
    };
  });
}

export function renameEdge(ctx: ServiceContext, { id, name }: { id: string; name: string }) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "EdgeServer" WHERE "id" = ${id} FOR UPDATE`;
    const edge = await tx.edgeServer.findUnique({ where: { id } });
    if (!edge) throw notFound('edge server');
    await tx.edgeServer.update({ where: { id }, data: { name } });
    const data = { name, before: { name: edge.name } };
    return { value: { id }, record: { action: 'edge.rename', subjectKind: 'edge', subjectId: id, data } };
  });
}

export function acceptAgent(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const agent = await tx.agent.findUnique({ where: { id } });
    if (!agent) throw notFound('agent');
    if (agent.status !== 'pending')
      throw new SafaceError('conflict', `The agent is ${agent.status}`, 'Only a pending agent can be accepted.');
    const { edgeServerId, cameraId } = agent;
    const rival = await tx.agent.findFirst({ where: { status: 'accepted', edgeServerId, cameraId, NOT: { id } } });
    if (rival) throw new SafaceError('conflict', `${rival.name} already has this place`, 'Revoke that agent first.');
    await tx.agent.update({ where: { id }, data: { status: 'accepted', acceptedAt: new Date() } });
    return { value: { id }, record: { action: 'agent.accept', subjectKind: 'agent', subjectId: id, data: {} } };
  });
}

/** A camera's agent knows the key with which its camera comes to the edge: that one ends as well. */
export function revokeAgent(ctx: ServiceContext, { id, reason }: { id: string; reason: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.agent.updateMany({
      where: { id, status: { not: 'revoked' } },
      data: { status: 'revoked', revokedAt: new Date() },
    });
    if (count === 0) throw notFound('agent that could be revoked');
    await tx.camera.updateMany({
      where: { agents: { some: { id, acceptedAt: { not: null } } } },
      data: newIngestKey(ctx.key),
    });
    return { value: { id }, record: { action: 'agent.revoke', subjectKind: 'agent', subjectId: id, data: { reason } } };
  });
}

export async function listLogs({ prisma }: ServiceContext, { agentId, limit }: { agentId: string; limit: number }) {
  const rows = await prisma.agentLog.findMany({ where: { agentId }, orderBy: { time: 'desc' }, take: limit });
  return rows.map(({ id, time, level, message }) => ({ id, time: time.getTime(), level, message }));
}
