import { Prisma } from '@saface/db';

/** Transactions that meet again and again are a defect to be seen, not waited out. */
const ATTEMPTS = 3;

/** Runs a transaction again that the database ended because it and another one waited for each other. */
export async function retryWriteConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWriteConflict(error)) throw error;
    }
  }
}

/** Prisma has a code of its own for it, except where the statement was raw SQL. */
function isWriteConflict(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P2034' || (error.code === 'P2010' && /`40(P01|001)`/.test(error.message));
}
