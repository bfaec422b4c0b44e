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
      accounts: {
        create: {
          id: randomBytes(16).toString('hex'),
          accountId: id,
          providerId: 'credential',
          password: passwordHash,
        },
      },
    },
  });
}
