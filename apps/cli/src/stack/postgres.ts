import { randomBytes } from 'node:crypto';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@saface/db/embedded';
import pg from 'pg';
import type { Service } from './service.ts';

/** The embedded PostgreSQL as a service: killed, it is started again on the same port and recovers by itself. */
export function postgresService(dataDir: string, port: number): Service & { url(): string } {
  let server: EmbeddedPostgres | null = null;
  return {
    name: 'postgres',
    startTimeout: 60_000,
    // startEmbeddedPostgres resolves only once the server takes connections.
    ready: async () => server !== null,
    url: () => {
      if (!server) throw new Error('PostgreSQL was not started');
      return server.url;
    },
    launch: async () => {
      server = await startEmbeddedPostgres({ dataDir, port });
      const { pid, exited, stop } = server;
      return { pid, exited: exited.then(() => 'its server ended'), stop: () => keepingAlive(stop) };
    },
  };
}

/** A database for one run on the server of `serverUrl`. */
export async function throwawayDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `saface_once_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await administer(`CREATE DATABASE "${name}"`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

/** The server does not hold this process back from ending; so while it is being stopped something else has to. */
async function keepingAlive(work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => undefined, 1000);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
