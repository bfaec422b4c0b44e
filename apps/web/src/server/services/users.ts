import { may, type Permission, permissions, type Role, SafaceError } from '@saface/core';
import type { Db } from '@saface/db';
import { createUserWithPassword, credential, replacePassword } from '@saface/db/repositories/users';
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
    include: {
      sessions: { orderBy: { updatedAt: 'desc' }, take: 1 },
      accounts: { where: credential, select: { id: true } },
    },
  });
  return users.map(({ id, name, email, role, createdAt, sessions, accounts }) => ({
    id,
    name,
    email,
    role,
    createdAt: createdAt.getTime(),
    lastSeenAt: toMsOrNull(sessions[0]?.updatedAt),
    disabled: accounts.length === 0,
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
    if (role !== 'admin') await keepAnAdministrator(tx, id);
    await tx.user.update({ where: { id }, data: { role } });
    return {
      value: { id },
      record: { action: 'user.set-role', subjectKind: 'user', subjectId: id, data: { from: user.role, to: role } },
    };
  });
}

/**
 * Locks somebody out: without a password nobody signs in, and the sessions end at once. The person stays, for the audit log
 * names them. A new password lets them in again.
 */
export function disableUser(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    await requireSomebodyElse(ctx, tx, id);
    await keepAnAdministrator(tx, id);
    await replacePassword(tx, id, null);
    return { value: { id }, record: { action: 'user.disable', subjectKind: 'user', subjectId: id, data: {} } };
  });
}

/** For somebody who forgot theirs, or who was disabled and may sign in again. */
export async function setPassword(ctx: ServiceContext, { id, password }: { id: string; password: string }) {
  const passwordHash = await hashPassword(password);
  return audited(ctx, async (tx) => {
    await requireSomebodyElse(ctx, tx, id);
    const action = (await replacePassword(tx, id, passwordHash)) ? 'user.set-password' : 'user.enable';
    return { value: { id }, record: { action, subjectKind: 'user', subjectId: id, data: {} } };
  });
}

async function requireSomebodyElse({ actor }: ServiceContext, tx: Db, id: string): Promise<void> {
  if (id === actor.id)
    throw new SafaceError(
      'conflict',
      'This is your own account',
      'Change your password under Password; another administrator can disable you.',
    );
  if (!(await tx.user.findUnique({ where: { id } }))) throw notFound('user');
}

/** Refuses to take the administrator `id` away when no other can sign in. */
async function keepAnAdministrator(tx: Db, id: string): Promise<void> {
  // Under a lock, or two administrators could demote or disable each other at the same moment.
  await tx.$executeRaw`SELECT 1 FROM "User" WHERE "role" = 'admin' FOR UPDATE`;
  const able = await tx.user.findMany({
    where: { role: 'admin', accounts: { some: credential } },
    select: { id: true },
  });
  if (able.length === 1 && able[0].id === id)
    throw new SafaceError('conflict', 'This is the last administrator', 'Make somebody else an administrator first.');
}
