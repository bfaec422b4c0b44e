import { randomBytes } from 'node:crypto';
import { type AgentInput, type AgentOutput, SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { newIngestKey } from '@saface/db/ingest-key';
import type { Deps } from '../deps.ts';
import { recordAudit } from '../services/audit-log.ts';
import { hashOfSecret } from '../services/tokens.ts';
import { refuseWhenTooMany } from './rate-limit.ts';

const makeAnother = 'Make a new one-time token in Fleet and start the agent with it.';

/** Spends the token; the agent that held the same place before is revoked when the token accepts by itself. */
export async function enrolAgent(
  deps: Deps,
  input: AgentInput<'enrol'>,
  address: string,
): Promise<AgentOutput<'enrol'>> {
  const limit = await refuseWhenTooMany(deps.redis, { action: 'enrol', address, max: 20, seconds: 300 });
  const tokenHash = hashOfSecret(input.token);
  const secret = randomBytes(32).toString('base64url');
  try {
    const agentId = await deps.prisma.$transaction((tx) => spend(tx, { ...input, tokenHash, secret, key: deps.key }));
    return { agentId, secret };
  } catch (error) {
    if (error instanceof SafaceError && error.code === 'unauthenticated') await limit.countFailure();
    throw error;
  }
}

type Spending = Omit<AgentInput<'enrol'>, 'token'> & { tokenHash: string; secret: string; key: Buffer };

async function spend(tx: Prisma.TransactionClient, input: Spending): Promise<string> {
  const now = new Date();
  const { kind, name, version, host, tokenHash, secret, key } = input;
  // The condition and the mark are one statement: of two that come at once with one token, one gets it.
  const { count } = await tx.enrolmentToken.updateMany({
    where: { tokenHash, kind, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  const token = await tx.enrolmentToken.findUnique({ where: { tokenHash } });
  if (count === 0 || !token) throw refusal(token, kind);
  const { edgeServerId, cameraId, autoAccept } = token;
  if (autoAccept) {
    const replaced = await tx.agent.updateMany({
      where: { edgeServerId, cameraId, status: 'accepted' },
      data: { status: 'revoked', revokedAt: now },
    });
    // The agent before knows the key with which its camera comes to the edge.
    if (replaced.count > 0 && cameraId !== null)
      await tx.camera.update({ where: { id: cameraId }, data: newIngestKey(key) });
  }
  const agent = await tx.agent.create({
    data: {
      kind,
      name,
      version,
      host,
      secretHash: hashOfSecret(secret),
      edgeServerId,
      cameraId,
      ...(autoAccept && { status: 'accepted', acceptedAt: now }),
    },
  });
  await tx.enrolmentToken.update({ where: { id: token.id }, data: { usedByAgentId: agent.id } });
  await recordAudit(
    tx,
    { id: null, name: `${kind} agent ${name}` },
    {
      action: 'agent.enrol',
      subjectKind: 'agent',
      subjectId: agent.id,
      data: { tokenId: token.id, kind, edgeServerId, cameraId, accepted: autoAccept },
    },
  );
  return agent.id;
}

function refusal(
  token: { kind: string; usedAt: Date | null; revokedAt: Date | null } | null,
  kind: string,
): SafaceError {
  const refuse = (message: string) => new SafaceError('unauthenticated', message, makeAnother);
  if (!token) return refuse('The enrolment token is not known here');
  if (token.kind !== kind) return refuse(`The enrolment token is for a ${token.kind}, not for a ${kind}`);
  if (token.revokedAt) return refuse('The enrolment token was revoked');
  if (token.usedAt) return refuse('The enrolment token was used already');
  return refuse('The enrolment token has expired');
}
