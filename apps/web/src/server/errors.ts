import { randomBytes } from 'node:crypto';
import { type ErrorCode, SafaceError } from '@saface/core';
import { Prisma } from '@saface/db';
import type { Logger } from 'pino';

const databaseAway = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037']);
const connectionTrouble =
  /ECONNREFUSED|ECONNRESET|terminated|timeout exceeded|Command timed out|Connection is closed|shutting down|starting up/i;

/**
 * Whatever was thrown, as an error a person may see. What is not ours is logged with a reference; outside only the
 * reference is told.
 */
export function toDomainError(error: unknown, { log, where }: { log: Logger; where: string }): SafaceError {
  if (error instanceof SafaceError) {
    if (error.code === 'internal' || error.code === 'unavailable') log.error({ err: error, where }, error.message);
    return error;
  }
  if (isAway(error)) {
    log.warn({ err: error, where }, 'the database or Redis is away');
    return new SafaceError('unavailable', 'The database is away', 'Try again in a moment.', { cause: error });
  }
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    if (error.code === 'P2002')
      return new SafaceError('conflict', 'There is already one of that name', 'Choose another name.', { cause: error });
    if (error.code === 'P2025' || error.code === 'P2003')
      return new SafaceError('not-found', 'Something this refers to no longer exists', 'Reload the page.', {
        cause: error,
      });
  }
  const reference = randomBytes(4).toString('hex');
  log.error({ err: error, where, reference }, 'unexpected error');
  return new SafaceError(
    'internal',
    `Something failed inside the control plane (reference ${reference})`,
    'Look for the reference in the log of the control plane.',
    { cause: error },
  );
}

/** The database or Redis does not answer: it says nothing of what was asked. */
export function isAway(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError && databaseAway.has(error.code)) return true;
  return error instanceof Error && connectionTrouble.test(error.message);
}

/** HTTP status of a domain error, for the doors beside tRPC. */
export const httpStatuses: Record<ErrorCode, number> = {
  'invalid-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  integrity: 422,
  unsupported: 422,
  unavailable: 503,
  exhausted: 429,
  internal: 500,
};
