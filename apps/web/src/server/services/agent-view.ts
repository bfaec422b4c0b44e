import type { AgentRow } from '@saface/db/repositories/agents';
import { cameraReportOf, edgeReportOf } from '@saface/db/repositories/agents';
import { z } from 'zod';
import type { AgentView } from '../api/views.ts';
import { isOnline, toMsOrNull } from './time.ts';

const hostSchema = z.object({ hostname: z.string(), platform: z.string(), cpus: z.number(), memory: z.number() });
/** More than this between the agent's clock and ours makes times of events wrong enough to notice. */
const SKEW_WARNING_MS = 2_000;

export function toAgentView(agent: AgentRow): AgentView {
  const online = isOnline(agent.lastSeenAt);
  const inSync = agent.desiredRevision !== null && agent.desiredRevision === agent.reportedRevision;
  return {
    id: agent.id,
    kind: agent.kind,
    status: agent.status,
    name: agent.name,
    version: agent.version,
    host: hostSchema.parse(agent.host),
    target: refOf(agent.edge ?? agent.camera),
    online,
    lastSeenAt: toMsOrNull(agent.lastSeenAt),
    clockSkewMs: agent.clockSkewMs,
    desiredRevision: agent.desiredRevision,
    reportedRevision: agent.reportedRevision,
    inSync,
    problems: problemsOf(agent, online),
    createdAt: agent.createdAt.getTime(),
  };
}

const refOf = (target: { id: string; name: string } | null) => target && { id: target.id, name: target.name };

function problemsOf(agent: AgentRow, online: boolean): string[] {
  if (agent.status !== 'accepted') return [];
  const problems: string[] = [];
  if (!online) problems.push(agent.lastSeenAt ? 'It does not answer' : 'It has never been heard of');
  if (agent.clockSkewMs !== null && Math.abs(agent.clockSkewMs) > SKEW_WARNING_MS)
    problems.push(`Its clock is ${(agent.clockSkewMs / 1000).toFixed(1)} s off`);
  if (!online) return problems;
  const edge = edgeReportOf(agent);
  if (agent.kind === 'edge' && edge) problems.push(...edge.problems);
  const camera = cameraReportOf(agent);
  if (agent.kind === 'camera' && camera?.error) problems.push(camera.error);
  return problems;
}
