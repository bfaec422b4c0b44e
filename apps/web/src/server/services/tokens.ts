import { createHash, randomBytes } from 'node:crypto';
import type { TokenView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

/** Tokens and secrets are long and random, so one round of a fast hash keeps them safe at rest. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

function stateOf(token: { usedAt: Date | null; revokedAt: Date | null; expiresAt: Date }): TokenView['state'] {
  if (token.usedAt) return 'used';
  if (token.revokedAt) return 'revoked';
  return token.expiresAt.getTime() <= Date.now() ? 'expired' : 'open';
}

export async function listTokens({ prisma }: ServiceContext): Promise<TokenView[]> {
  const ref = { select: { id: true, name: true } };
  const rows = await prisma.enrolmentToken.findMany({
    include: { site: ref, edge: ref, camera: ref },
    orderBy: { createdAt: 'desc' },
    take: 500,
  });
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    target: row.edge ?? row.camera,
    site: row.site,
    note: row.note,
    autoAccept: row.autoAccept,
    createdBy: row.createdByName,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    state: stateOf(row),
  }));
}

export interface NewToken {
  readonly kind: 'edge' | 'camera';
  readonly targetId: string;
  readonly autoAccept: boolean;
  readonly hours: number;
  readonly note: string;
}

/** The token itself is shown this once; only its hash is kept. */
export function createToken(ctx: ServiceContext, { kind, targetId, autoAccept, hours, note }: NewToken) {
  return audited(ctx, async (tx) => {
    const target =
      kind === 'edge'
        ? await tx.edgeServer.findUnique({ where: { id: targetId } })
        : await tx.camera.findFirst({ where: { id: targetId, deletedAt: null } });
    if (!target) throw notFound(kind === 'edge' ? 'edge server' : 'camera');
    const token = `saface_${kind}_${randomBytes(24).toString('base64url')}`;
    const expiresAt = new Date(Date.now() + hours * 3_600_000);
    const { id } = await tx.enrolmentToken.create({
      data: {
        tokenHash: hashOfSecret(token),
        kind,
        siteId: target.siteId,
        ...(kind === 'edge' ? { edgeServerId: targetId } : { cameraId: targetId }),
        autoAccept,
        note,
        expiresAt,
        createdByName: ctx.actor.name,
      },
    });
    return {
      value: { id, token, expiresAt: expiresAt.getTime() },
      record: {
        action: 'token.create',
        subjectKind: 'token',
        subjectId: id,
        data: { kind, targetId, autoAccept, expiresAt: expiresAt.toISOString() },
      },
    };
  });
}

export function revokeToken(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.enrolmentToken.updateMany({
      where: { id, usedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count === 0) throw notFound('open token');
    return { value: { id }, record: { action: 'token.revoke', subjectKind: 'token', subjectId: id, data: {} } };
  });
}
