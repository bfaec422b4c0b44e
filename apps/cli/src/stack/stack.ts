import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { applyMigrations } from '@saface/db/migrate';
import { env, folders, repositoryRoot } from '../env.ts';
import { freePort } from './ports.ts';
import { postgresService, throwawayDatabase } from './postgres.ts';
import { redisService } from './redis.ts';
import { keyFile, loadSecrets, type Secrets } from './secrets.ts';
import { type ProcessSpec, processService } from './service.ts';
import { Supervisor } from './supervisor.ts';

const FIRST_WEB_PORT = 3000;
/** What an earlier throwaway run may have left below its home. PostgreSQL's cluster stays: making one takes seconds. */
const leftovers = ['redis', 'edge', 'cameras', 'artifacts', 'keys', 'logs', 'secrets.json'];

interface StackParts {
  readonly home: string;
  readonly supervisor: Supervisor;
  readonly webPort: number;
  readonly database: { readonly url: string; drop(): Promise<void> };
  readonly redisUrl: string;
  readonly release: () => void;
}

export interface StackOptions {
  /** Everything this stack writes lies below. */
  readonly home: string;
  /** Begins with nothing and leaves nothing: a database of its own for this run, private Redis, fresh credentials. */
  readonly throwaway?: boolean;
  readonly onEvent: (text: string) => void;
}

/** The whole of SaFace on this machine: databases, control plane, and the agents that were asked for. */
export class Stack {
  readonly home: string;
  readonly secrets: Secrets;
  readonly url: string;
  readonly databaseUrl: string;
  readonly #parts: StackParts;

  private constructor(parts: StackParts) {
    this.#parts = parts;
    this.home = parts.home;
    this.secrets = loadSecrets(parts.home);
    this.url = `http://localhost:${parts.webPort}`;
    this.databaseUrl = parts.database.url;
  }

  /** Starts PostgreSQL and Redis (unless DATABASE_URL, REDIS_URL name others) and brings the schema up to date. */
  static async open({ home, throwaway = false, onEvent }: StackOptions): Promise<Stack> {
    const release = takeLock(home);
    if (throwaway) for (const name of leftovers) rmSync(join(home, name), { recursive: true, force: true });
    const supervisor = new Supervisor({ logDir: join(home, 'logs'), runDir: join(home, 'run'), onEvent });
    try {
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
      const webPort = await freePort(env.port ?? FIRST_WEB_PORT);
      return new Stack({ home, supervisor, webPort, database, redisUrl, release });
    } catch (error) {
      await supervisor.stopAll();
      release();
      throw error;
    }
  }

  async startControlPlane(): Promise<void> {
    const web = join(repositoryRoot, 'apps/web');
    const settings = {
      ...this.#baseEnv(),
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
          '127.0.0.1',
          '-p',
          String(this.#parts.webPort),
        ],
        cwd: web,
        env: settings,
        ready: () => answers(`${this.url}/api/health`),
      }),
    );
    await this.#startNode('worker', { entry: 'apps/web/src/server/worker.ts', settings, ready: async () => true });
  }

  /** An edge of this machine with a Redis of its own. The token is needed for its first start only. */
  async startEdge({ name, token }: { name: string; token: string }): Promise<void> {
    const port = await freePort();
    const redis = redisService('edge-redis', { dir: join(this.home, 'edge/redis'), port: await freePort() });
    await this.#parts.supervisor.start(redis);
    await this.#startNode('edge-agent', {
      entry: 'apps/edge-agent/src/main.ts',
      settings: {
        ...this.#baseEnv(),
        SAFACE_CONTROL_URL: this.url,
        SAFACE_EDGE_TOKEN: token,
        SAFACE_EDGE_NAME: name,
        SAFACE_EDGE_PORT: String(port),
        SAFACE_EDGE_PUBLIC_INGEST_URL: `ws://127.0.0.1:${port}/ingest`,
        SAFACE_EDGE_DIR: join(this.home, 'edge'),
        SAFACE_KEY_FILE: keyFile(this.home, 'edge'),
        SAFACE_ENGINE: env.engine.engine,
        SAFACE_PROVIDER: env.engine.provider,
        ...env.drivers,
        REDIS_URL: redis.url,
      },
      ready: () => answers(`http://127.0.0.1:${port}/healthz`),
    });
  }

  async startCamera({ name, token, key }: { name: string; token: string; key: string }): Promise<void> {
    const port = await freePort();
    await this.#startNode(`camera-${key}`, {
      entry: 'apps/camera-agent/src/main.ts',
      settings: {
        ...this.#baseEnv(),
        SAFACE_CONTROL_URL: this.url,
        SAFACE_CAMERA_TOKEN: token,
        SAFACE_CAMERA_NAME: name,
        SAFACE_CAMERA_DIR: join(this.home, 'cameras', key),
        SAFACE_SIMULATOR_DIR: folders.worlds,
        SAFACE_CAMERA_PORT: String(port),
        SAFACE_KEY_FILE: keyFile(this.home, `camera-${key}`),
      },
      ready: () => answers(`http://127.0.0.1:${port}/healthz`),
    });
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

  async #startNode(
    name: string,
    { entry, settings, ready }: { entry: string; settings: Record<string, string>; ready: ProcessSpec['ready'] },
  ): Promise<void> {
    await this.#parts.supervisor.start(
      processService({
        name,
        command: process.execPath,
        args: ['--import', 'tsx', join(repositoryRoot, entry)],
        cwd: repositoryRoot,
        env: settings,
        ready,
      }),
    );
  }

  /** A service sees what it needs and nothing of the environment that this command happened to be started in. */
  #baseEnv(): Record<string, string> {
    return {
      PATH: env.path,
      HOME: env.userHome,
      NODE_ENV: 'production',
      SAFACE_HOME: this.home,
      SAFACE_THREADS: String(env.threads),
      NEXT_TELEMETRY_DISABLED: '1',
    };
  }
}

/** One stack per home. Returns what gives the home free again. */
function takeLock(home: string): () => void {
  const run = join(home, 'run');
  const lock = join(run, 'stack.json');
  if (existsSync(lock)) {
    const { pid } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number };
    if (isSafaceProcess(pid)) {
      throw new SafaceError(
        'conflict',
        `SaFace already runs on this machine (process ${pid}, data in ${home})`,
        `Stop it with Ctrl-C or \`kill ${pid}\`, or choose another folder with SAFACE_HOME.`,
      );
    }
  }
  mkdirSync(run, { recursive: true });
  writeFileSync(lock, JSON.stringify({ pid: process.pid }));
  return () => rmSync(lock, { force: true });
}

function isSafaceProcess(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('saface') && pid !== process.pid;
  } catch {
    return false; // no such process
  }
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
}
