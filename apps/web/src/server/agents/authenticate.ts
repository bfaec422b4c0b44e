import { timingSafeEqual } from 'node:crypto';
import { SafaceError } from '@saface/core';
import { type AgentRow, findAgent } from '@saface/db/repositories/agents';
import type { Deps } from '../deps.ts';
import { hashOfSecret } from '../services/tokens.ts';

/**
 * The agent that `Authorization: Bearer <agentId>.<secret>` names. Unknown agent and wrong secret look alike. Pending
 * agents pass: they may ask whether they were accepted, and nothing else (see `requireAccepted`).
 */
export async function authenticateAgent({ prisma }: Deps, authorization: string | null): Promise<AgentRow> {
  const [, id, secret] = /^Bearer ([^.\s]{1,64})\.(\S{1,200})$/.exec(authorization ?? '') ?? [];
  const agent = id ? await findAgent(prisma, id) : null;
  const given = Buffer.from(hashOfSecret(secret ?? ''), 'hex');
  // Compared even when there is no such agent, so that both refusals take as long.
  const known = Buffer.from(agent?.secretHash ?? '0'.repeat(64), 'hex');
  if (!timingSafeEqual(given, known) || !agent)
    throw new SafaceError(
      'unauthenticated',
      'The credential of this agent is not known here',
      'Make a new one-time token in Fleet, delete the stored credential and start the agent with the token.',
    );
  if (agent.status === 'revoked')
    throw new SafaceError(
      'unauthenticated',
      `The agent ${agent.name} was revoked`,
      'Make a new one-time token in Fleet, delete the stored credential and start the agent with the token.',
    );
  return agent;
}

export interface AcceptedEdge {
  readonly agent: AgentRow;
  readonly edgeId: string;
  readonly siteId: string;
}

export function requireAccepted(agent: AgentRow): void {
  if (agent.status === 'accepted') return;
  throw new SafaceError('forbidden', `The agent ${agent.name} is not accepted yet`, 'Accept it in Fleet.');
}

export function requireEdge(agent: AgentRow): AcceptedEdge {
  requireAccepted(agent);
  if (agent.kind !== 'edge' || !agent.edge)
    throw new SafaceError('forbidden', 'Only an edge agent may do this', 'Enrol this machine as an edge.');
  return { agent, edgeId: agent.edge.id, siteId: agent.edge.siteId };
}
