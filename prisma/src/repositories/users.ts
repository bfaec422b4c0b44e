import { randomBytes } from 'node:crypto';
import type { Role } from '@saface/core';
import type { Db } from '../client.ts';

export interface NewUser {
  readonly name: string;
  readonly email: string;
  /** As better-auth's `hashPassword` made it. */
  readonly passwordHash: string;
  readonly role: Role;
}

/** The account of somebody who can sign in; who was disabled has none. */
export const credential = { providerId: 'credential' } as const;

const credentialOf = (userId: string, passwordHash: string) => ({
  ...credential,
  id: randomBytes(16).toString('hex'),
  accountId: userId,
  password: passwordHash,
});

/** A person with a password, in better-auth's tables. */
export async function createUserWithPassword(tx: Db, { name, email, passwordHash, role }: NewUser) {
  const id = randomBytes(16).toString('hex');
  return tx.user.create({
    data: {
      id,
      name,
      email: email.toLowerCase(),
      emailVerified: true,
      role,
      accounts: { create: credentialOf(id, passwordHash) },
    },
  });
}

/**
 * Gives somebody another password, or none, and ends their sessions. The account is made anew rather than changed: a change
 * of password that they are just making finds its account gone, and fails. Returns whether they could sign in before.
 */
export async function replacePassword(tx: Db, userId: string, passwordHash: string | null): Promise<boolean> {
  const { count } = await tx.account.deleteMany({ where: { userId, ...credential } });
  if (passwordHash !== null) await tx.account.create({ data: { userId, ...credentialOf(userId, passwordHash) } });
  await tx.session.deleteMany({ where: { userId } });
  return count > 0;
}
