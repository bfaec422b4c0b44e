import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/client.ts';

export { Prisma, PrismaClient } from '../generated/client.ts';

/** A client or a transaction: what a repository needs to work on either. */
export type Db = PrismaClient | Prisma.TransactionClient;

/** Waits at most 5 s for a connection (the adapter's default is for ever), so a dead database shows at once. */
export function createPrisma(databaseUrl: string, { poolSize = 10 } = {}): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, max: poolSize }),
  });
}
