import { CircleCheck, CircleDashed, CircleOff, Clock, ShieldOff, TriangleAlert } from 'lucide-react';
import type { RouterOutputs } from '@/lib/trpc/types';
import { StatusBadge } from '../../components/data/status.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { formatMilliseconds, MISSING, shortHash } from '../../lib/format.ts';

export type AgentView = RouterOutputs['fleet']['list']['pending'][number];

/** Beyond this the times of events cannot be trusted. */
const SKEW_LIMIT_MS = 2000;

export function AgentStatus({ agent }: { agent: AgentView | null }) {
  if (!agent) return <StatusBadge look={{ tone: 'neutral', label: 'Not enrolled', icon: CircleDashed }} />;
  if (agent.status === 'pending') return <StatusBadge look={{ tone: 'warn', label: 'Waits for you', icon: Clock }} />;
  if (agent.status === 'revoked') return <StatusBadge look={{ tone: 'neutral', label: 'Revoked', icon: ShieldOff }} />;
  return agent.online ? (
    <StatusBadge look={{ tone: 'ok', label: 'Online', icon: CircleCheck }} />
  ) : (
    <StatusBadge look={{ tone: 'danger', label: 'Offline', icon: CircleOff }} />
  );
}

/** Whether the agent runs what it was told to run, by the hashes of both configurations. */
export function Revision({ agent }: { agent: AgentView | null }) {
  if (!agent?.desiredRevision) return MISSING;
  const reported = agent.reportedRevision ? shortHash(agent.reportedRevision) : 'none';
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5 max-md:justify-end">
      <code className="font-mono text-xs" title={`applied ${agent.reportedRevision ?? 'none'}`}>
        {reported}
      </code>
      {agent.inSync ? (
        <Badge tone="ok">applied</Badge>
      ) : (
        <Badge tone="warn" title={`desired ${agent.desiredRevision}`}>
          should be {shortHash(agent.desiredRevision)}
        </Badge>
      )}
    </span>
  );
}

export function LastSeen({ agent }: { agent: AgentView | null }) {
  return agent ? <Ago time={agent.lastSeenAt} /> : MISSING;
}

export function ClockSkew({ agent }: { agent: AgentView | null }) {
  const skew = agent?.clockSkewMs ?? null;
  if (skew === null) return MISSING;
  const words = `${skew < 0 ? '−' : '+'}${formatMilliseconds(Math.abs(skew))}`;
  if (Math.abs(skew) <= SKEW_LIMIT_MS) return words;
  return (
    <Badge tone="warn" title="Set the clock of the agent's machine, e.g. by NTP: event times depend on it.">
      <TriangleAlert aria-hidden />
      {words}
    </Badge>
  );
}

export function Problems({ agent }: { agent: AgentView | null }) {
  if (!agent || agent.problems.length === 0) return null;
  return (
    <ul aria-label="Problems" className="grid gap-0.5 text-danger">
      {agent.problems.map((problem) => (
        <li key={problem} className="break-words">
          {problem}
        </li>
      ))}
    </ul>
  );
}
