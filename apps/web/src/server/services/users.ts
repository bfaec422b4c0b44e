import { may, type Permission, permissions, type Role, SafaceError } from '@saface/core';
import { createUserWithPassword } from '@saface/db/repositories/users';
import { hashPassword } from 'better-auth/crypto';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { toMsOrNull } from './time.ts';

export function getMe({ actor }: ServiceContext) {
  const held = (Object.keys(permissions) as Permission[]).filter((permission) => may(actor.role, permission));
  return { ...actor, id: actor.id ?? '', permissions: held };
}

export async function listUsers({ prisma }: ServiceContext) {
  const users = await prisma.user.findMany({
    orderBy: { name: 'asc' },
    include: { sessions: { orderBy: { updatedAt: 'desc' }, take: 1 } },
  });
  return users.map(({ id, name, email, role, createdAt, sessions }) => ({
    id,
    name,
    email,
    role,
    createdAt: createdAt.getTime(),
    lastSeenAt: toMsOrNull(sessions[0]?.updatedAt),
  }));
}

export async function createUser(
  ctx: ServiceContext,
  { password, ...person }: { name: string; email: string; password: string; role: Role },
) {
  const passwordHash = await hashPassword(password);
  return audited(ctx, async (tx) => {
    if (await tx.user.findUnique({ where: { email: person.email.toLowerCase() } }))
      throw new SafaceError('conflict', 'There is an account with this address', 'Change its role instead.');
    const { id } = await createUserWithPassword(tx, { ...person, passwordHash });
    return {
      value: { id },
      record: { action: 'user.create', subjectKind: 'user', subjectId: id, data: { role: person.role } },
    };
  });
}

export function setRole(ctx: ServiceContext, { id, role }: { id: string; role: Role }) {
  return audited(ctx, async (tx) => {
    const user = await tx.user.findUnique({ where: { id } });
    if (!user) throw notFound('user');
    // Counted under a lock, or two administrators could demote each other at the same moment.
    await tx.$executeRaw`SELECT 1 FROM "User" WHERE "role" = 'admin' FOR UPDATE`;
    if (user.role === 'admin' && role !== 'admin' && (await tx.user.count({ where: { role: 'admin' } })) === 1)
      throw new SafaceError('conflict', 'This is the last administrator', 'Make somebody else an administrator first.');
    await tx.user.update({ where: { id }, data: { role } });
    return {
      value: { id },
      record: { action: 'user.set-role', subjectKind: 'user', subjectId: id, data: { from: user.role, to: role } },
    };
  });
}
