import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { applyMigrations } from '@saface/db/migrate';
import { env, repositoryRoot } from '../env.ts';
import { answers, baseEnvironment, cameraService, edgeService, nodeService, reachable } from './agents.ts';
import { takeLock } from './lock.ts';
import { freePort } from './ports.ts';
import { postgresService, throwawayDatabase } from './postgres.ts';
import { redisService } from './redis.ts';
import { keyFile, loadSecrets, type Secrets } from './secrets.ts';
import { processService } from './service.ts';
import { Supervisor } from './supervisor.ts';

const FIRST_WEB_PORT = 3000;
/** Where an edge that others may reach listens. */
export const EDGE_PORT = 7070;
export const EVERYWHERE = '0.0.0.0';
export const LOOPBACK = '127.0.0.1';
/** What an earlier throwaway run may have left below its home. PostgreSQL's cluster stays: making one takes seconds. */
const leftovers = ['redis', 'edge', 'cameras', 'artifacts', 'keys', 'logs', 'secrets.json'];

interface StackParts {
  readonly home: string;
  readonly supervisor: Supervisor;
  readonly webPort: number;
  readonly host: string;
  readonly url: string;
  readonly localUrl: string;
  readonly database: { readonly url: string; drop(): Promise<void> };
  readonly redisUrl: string;
  readonly release: () => void;
}

export interface StackOptions {
  /** Everything this stack writes lies below. */
  readonly home: string;
  /** Begins with nothing and leaves nothing: a database of its own for this run, private Redis, fresh credentials. */
  readonly throwaway?: boolean;
  /** How browsers and agents on other machines reach it; without it only this machine does. */
  readonly publicUrl?: URL;
  /** Address of this machine to listen at; default none that others reach. */
  readonly host?: string;
  readonly onEvent: (text: string) => void;
}

/** The whole of SaFace on this machine: databases, control plane, and the agents that were asked for. */
export class Stack {
  readonly home: string;
  readonly secrets: Secrets;
  /** What people open. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly #parts: StackParts;

  private constructor(parts: StackParts) {
    this.#parts = parts;
    this.home = parts.home;
    this.secrets = loadSecrets(parts.home);
    this.url = parts.url;
    this.databaseUrl = parts.database.url;
  }

  /** Starts PostgreSQL and Redis (unless DATABASE_URL, REDIS_URL name others) and brings the schema up to date. */
  static async open({ home, throwaway = false, publicUrl, onEvent, ...options }: StackOptions): Promise<Stack> {
    const { host = LOOPBACK } = options;
    const release = takeLock(home);
    if (throwaway) for (const name of leftovers) rmSync(join(home, name), { recursive: true, force: true });
    const supervisor = new Supervisor({ logDir: join(home, 'logs'), runDir: join(home, 'run'), onEvent });
    try {
      await supervisor.endLeftovers();
      const webPort = await webPortFor(publicUrl);
      let server = env.databaseUrl;
      if (!server) {
        const postgres = postgresService(join(home, 'postgres'), await freePort());
        await supervisor.start(postgres);
        server = postgres.url();
      }
      const database = throwaway ? await throwawayDatabase(server) : { url: server, drop: async () => undefined };
      let redisUrl = throwaway ? null : env.redisUrl;
      if (!redisUrl) {
        const redis = redisService('redis', { dir: join(home, 'redis'), port: await freePort() });
        await supervisor.start(redis);
        redisUrl = redis.url;
      }
      await applyMigrations(database.url);
      const localUrl = `http://${host === LOOPBACK ? 'localhost' : reachable(host)}:${webPort}`;
      const url = publicUrl?.origin ?? localUrl;
      return new Stack({ home, supervisor, webPort, host, url, localUrl, database, redisUrl, release });
    } catch (error) {
      await supervisor.stopAll();
      release();
      throw error;
    }
  }

  async startControlPlane(): Promise<void> {
    const web = join(repositoryRoot, 'apps/web');
    const settings = {
      ...baseEnvironment(this.home),
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.#parts.redisUrl,
      SAFACE_AUTH_SECRET: this.secrets.auth,
      SAFACE_KEY_FILE: keyFile(this.home, 'control-plane'),
      SAFACE_PUBLIC_URL: this.url,
      PORT: String(this.#parts.webPort),
      ...(env.metricsToken !== null && { SAFACE_METRICS_TOKEN: env.metricsToken }),
    };
    await this.#parts.supervisor.start(
      processService({
        name: 'web',
        command: process.execPath,
        args: [
          join(repositoryRoot, 'node_modules/next/dist/bin/next'),
          'start',
          '-H',
          this.#parts.host,
          '-p',
          String(this.#parts.webPort),
        ],
        cwd: web,
        env: settings,
        ready: () => answers(`${this.#parts.localUrl}/api/health`),
      }),
    );
    await this.#parts.supervisor.start(
      nodeService('worker', { entry: 'apps/web/src/server/worker.ts', settings, ready: async () => true }),
    );
  }

  /** An edge of this machine with a Redis of its own. The token is needed for its first start only. */
  async startEdge({ name, token }: { name: string; token: string }): Promise<void> {
    const { home, supervisor, host, localUrl: controlUrl } = this.#parts;
    const port = await freePort(host === LOOPBACK ? undefined : EDGE_PORT);
    const redis = redisService('edge-redis', { dir: join(this.home, 'edge/redis'), port: await freePort() });
    await supervisor.start(redis);
    const ingestUrl = `ws://${host === LOOPBACK ? LOOPBACK : new URL(this.url).hostname}:${port}/ingest`;
    await supervisor.start(edgeService({ home, controlUrl, name, token, host, port, ingestUrl, redisUrl: redis.url }));
  }

  async startCamera({ name, token, key }: { name: string; token: string; key: string }): Promise<void> {
    const { home, localUrl: controlUrl } = this.#parts;
    const port = await freePort();
    await this.#parts.supervisor.start(cameraService({ home, controlUrl, name, token, host: LOOPBACK, port, key }));
  }

  /** Process id of a service (`web`, `worker`, `edge-agent`, `camera-<key>`, `postgres`, `redis`, `edge-redis`), or null. */
  pid(name: string): number | null {
    return this.#parts.supervisor.pid(name);
  }

  async stop(): Promise<void> {
    // Agents and web first: nobody may still be connected to a database that is dropped.
    await this.#parts.supervisor.stopAll({ but: ['postgres'] });
    await this.#parts.database.drop();
    await this.#parts.supervisor.stopAll();
    this.#parts.release();
  }
}

/** Nobody would find a control plane that others reach on another port than it should have. */
async function webPortFor(publicUrl: URL | undefined): Promise<number> {
  const ofUrl = publicUrl?.protocol === 'http:' ? Number(publicUrl.port || 80) : FIRST_WEB_PORT;
  const wanted = env.port ?? ofUrl;
  const port = await freePort(wanted);
  if (publicUrl && port !== wanted)
    throw new SafaceError(
      'conflict',
      `Port ${wanted} cannot be opened for ${publicUrl.origin}`,
      'Stop what uses it, or name another with PORT.',
    );
  return port;
}
