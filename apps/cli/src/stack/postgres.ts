import { type EmbeddedPostgres, startEmbeddedPostgres } from '@saface/db/embedded';
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
      return { pid, exited: exited.then(() => 'its server ended'), stop };
    },
  };
}
