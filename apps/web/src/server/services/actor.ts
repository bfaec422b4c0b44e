import { may, type Permission, type Role, SafaceError } from '@saface/core';

/** Who does something: a person who signed in, or the system itself. Names are kept with what was done, ids may go away. */
export interface Actor {
  readonly id: string | null;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

export const systemActor: Actor = { id: null, name: 'system', email: '', role: 'admin' };

export function requirePermission(actor: Actor, permission: Permission): void {
  if (may(actor.role, permission)) return;
  throw new SafaceError(
    'forbidden',
    `The role ${actor.role} may not do this (${permission})`,
    'Ask an administrator for another role in Settings, Users.',
  );
}

export function notFound(what: string): SafaceError {
  return new SafaceError('not-found', `There is no such ${what}`, 'It may have been deleted; reload the page.');
}
