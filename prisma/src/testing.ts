import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createPrisma, type PrismaClient } from './client.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import { applyMigrations } from './migrate.ts';

export interface TestDatabase {
  readonly url: string;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

/** A fresh, migrated database: in the server of DATABASE_URL when set, else in an embedded one under /tmp. */
export async function createTestDatabase(serverUrl: string | undefined): Promise<TestDatabase> {
  if (serverUrl) return inServer(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'saface-pg-'));
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), port: await freePort(), volatile: true });
  // An interrupted test run ends without `close`, and the server is no child that would go down with it.
  const stopAtExit = () => process.kill(server.pid, 'SIGINT');
  process.once('exit', stopAtExit);
  const database = await inServer(server.url);
  return {
    ...database,
    close: async () => {
      await database.close();
      process.off('exit', stopAtExit);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function inServer(serverUrl: string): Promise<TestDatabase> {
  const name = `saface_test_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `CREATE DATABASE "${name}"`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await applyMigrations(url.href);
  const prisma = createPrisma(url.href);
  return {
    url: url.href,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      await administer(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    },
  };
}

async function administer(url: string, sql: string): Promise<void> {
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
