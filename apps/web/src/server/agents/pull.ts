import { type AgentInput, type AgentOutput, edgeCommandSchema, SafaceError } from '@saface/core';
import type { AgentRow } from '@saface/db/repositories/agents';
import type { Deps } from '../deps.ts';
import { watchedCameras } from '../live/watch.ts';
import { assembleCameraConfig } from './camera-config.ts';
import { assembleEdgeConfig } from './edge-config.ts';
import { revisionOf, revisionOfEdge } from './revision.ts';

/** Commands are repeated until acknowledged; this many at a time. */
const COMMANDS_PER_PULL = 50;

async function heard(
  { prisma }: Deps,
  agent: AgentRow,
  seen: { reported: { revision: string | null; clock: number }; desiredRevision: string | null },
): Promise<void> {
  const { reported, desiredRevision } = seen;
  await prisma.agent.update({
    where: { id: agent.id },
    data: {
      reported,
      reportedRevision: reported.revision,
      desiredRevision,
      clockSkewMs: reported.clock - Date.now(),
      lastSeenAt: new Date(),
    },
  });
}

const pending = () => ({ status: 'pending' as const, revision: null, serverTime: Date.now() });

export async function pullEdgeConfig(
  deps: Deps,
  agent: AgentRow,
  input: AgentInput<'pullEdgeConfig'>,
): Promise<AgentOutput<'pullEdgeConfig'>> {
  const { prisma } = deps;
  if (agent.kind !== 'edge' || !agent.edge) throw notOfKind('edge');
  const edgeServerId = agent.edge.id;
  if (agent.status === 'pending') {
    await heard(deps, agent, { reported: input.reported, desiredRevision: null });
    return { ...pending(), preview: [], commands: [] };
  }
  if (input.acknowledged.length > 0)
    await prisma.command.updateMany({
      where: { id: { in: input.acknowledged }, edgeServerId, acknowledgedAt: null },
      data: { acknowledgedAt: new Date() },
    });
  const config = await assembleEdgeConfig(prisma, edgeServerId);
  const revision = revisionOfEdge(config);
  await heard(deps, agent, { reported: input.reported, desiredRevision: revision });
  const commands = await prisma.command.findMany({
    where: { edgeServerId, acknowledgedAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: COMMANDS_PER_PULL,
  });
  const unchanged = revision === input.knownRevision;
  return {
    status: unchanged ? 'unchanged' : 'changed',
    revision,
    serverTime: Date.now(),
    ...(!unchanged && { config }),
    preview: await watchedCameras(
      deps.redis,
      config.cameras.map(({ id }) => id),
    ),
    commands: commands.map(({ id, command }) => ({ id, command: edgeCommandSchema.parse(command) })),
  };
}

export async function pullCameraConfig(
  deps: Deps,
  agent: AgentRow,
  input: AgentInput<'pullCameraConfig'>,
): Promise<AgentOutput<'pullCameraConfig'>> {
  if (agent.kind !== 'camera' || !agent.camera) throw notOfKind('camera');
  if (agent.status === 'pending') {
    await heard(deps, agent, { reported: input.reported, desiredRevision: null });
    return pending();
  }
  const config = await assembleCameraConfig(deps, agent.camera.id);
  const revision = revisionOf(config);
  await heard(deps, agent, { reported: input.reported, desiredRevision: revision });
  if (revision === input.knownRevision) return { status: 'unchanged', revision, serverTime: Date.now() };
  return { status: 'changed', revision, serverTime: Date.now(), config };
}

const notOfKind = (kind: string) =>
  new SafaceError('forbidden', `Only an agent of a ${kind} may do this`, `Enrol this machine as a ${kind}.`);
