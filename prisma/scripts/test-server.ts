import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded.ts';
import { applyMigrations } from '../src/migrate.ts';
import { administer, databaseUrl, freePort } from '../src/testing.ts';

/**
 * Vitest's global set-up of the integration tests: one server for all of them, that of DATABASE_URL or an embedded one in a temporary folder, and
 * in it a migrated database that every test file gets a copy of.
 */
export default async function startTestServer(): Promise<() => Promise<void>> {
  const { DATABASE_URL } = process.env;
  const own = DATABASE_URL ? null : await embedded();
  const server = own?.url ?? DATABASE_URL!;
  const template = `saface_template_${randomBytes(6).toString('hex')}`;
  const stop = own?.stop ?? (() => administer(server, `DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`));
  try {
    await administer(server, `CREATE DATABASE "${template}"`);
    await applyMigrations(databaseUrl(server, template));
  } catch (error) {
    await stop();
    throw error;
  }
  // The processes that run the tests inherit it.
  Object.assign(process.env, { DATABASE_URL: server, SAFACE_TEST_TEMPLATE: template });
  return stop;
}

async function embedded(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'saface-pg-'));
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), port: await freePort(), volatile: true });
  // An interrupted test run ends without tearing down, and the server is no child that would go down with it.
  const stopAtExit = () => process.kill(server.pid, 'SIGINT');
  process.once('exit', stopAtExit);
  return {
    url: server.url,
    stop: async () => {
      process.off('exit', stopAtExit);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
