import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import pg from 'pg';
import { createPrisma, type PrismaClient } from './client.ts';

export interface TestDatabase {
  readonly url: string;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

/** Names the server and the migrated database that `scripts/test-server.ts` made for all integration tests of a run. */
export interface TestEnvironment {
  readonly DATABASE_URL?: string;
  readonly SAFACE_TEST_TEMPLATE?: string;
}

/** A fresh, migrated database: a copy of the template, which takes a moment where migrations take seconds. */
export async function createTestDatabase(environment: TestEnvironment): Promise<TestDatabase> {
  const { DATABASE_URL: server, SAFACE_TEST_TEMPLATE: template } = environment;
  if (!server || !template) throw new Error('Integration tests run under Vitest, with prisma/scripts/test-server.ts');
  const name = `saface_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  const url = databaseUrl(server, name);
  const prisma = createPrisma(url);
  return {
    url,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      await administer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    },
  };
}

/** A database of a server by its name. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

export async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))));
    });
  });
}
