import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { applyMigrations } from '@saface/db/migrate';
import { env, folders, repositoryRoot } from '../env.ts';
import { freePort } from './ports.ts';
import { postgresService } from './postgres.ts';
import { redisService } from './redis.ts';
import { keyFile, loadSecrets, type Secrets } from './secrets.ts';
import { type ProcessSpec, processService } from './service.ts';
import { Supervisor } from './supervisor.ts';

const FIRST_WEB_PORT = 3000;
const LOCK = join(folders.run, 'stack.json');

/** The whole of SaFace on this machine: databases, control plane, and the agents that were asked for. */
export class Stack {
  readonly secrets: Secrets;
  readonly url: string;
  readonly databaseUrl: string;
  readonly #supervisor: Supervisor;
  readonly #webPort: number;
  readonly #controlRedisUrl: string;

  private constructor(parts: {
    supervisor: Supervisor;
    secrets: Secrets;
    webPort: number;
    databaseUrl: string;
    controlRedisUrl: string;
  }) {
    this.#supervisor = parts.supervisor;
    this.secrets = parts.secrets;
    this.#webPort = parts.webPort;
    this.url = `http://localhost:${parts.webPort}`;
    this.databaseUrl = parts.databaseUrl;
    this.#controlRedisUrl = parts.controlRedisUrl;
  }

  /** Starts PostgreSQL and Redis (unless DATABASE_URL, REDIS_URL name others) and brings the schema up to date. */
  static async open(onEvent: (text: string) => void): Promise<Stack> {
    takeLock();
    const supervisor = new Supervisor({ logDir: folders.logs, runDir: folders.run, onEvent });
    try {
      let databaseUrl = env.databaseUrl;
      if (!databaseUrl) {
        const postgres = postgresService(folders.postgres, await freePort());
        await supervisor.start(postgres);
        databaseUrl = postgres.url();
      }
      let controlRedisUrl = env.redisUrl;
      if (!controlRedisUrl) {
        const redis = redisService('redis', { dir: join(env.home, 'redis'), port: await freePort() });
        await supervisor.start(redis);
        controlRedisUrl = redis.url;
      }
      await applyMigrations(databaseUrl);
      const webPort = await freePort(env.port ?? FIRST_WEB_PORT);
      return new Stack({ supervisor, secrets: loadSecrets(env.home), webPort, databaseUrl, controlRedisUrl });
    } catch (error) {
      await supervisor.stopAll();
      rmSync(LOCK, { force: true });
      throw error;
    }
  }

  async startControlPlane(): Promise<void> {
    const web = join(repositoryRoot, 'apps/web');
    const settings = {
      ...this.#baseEnv(),
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.#controlRedisUrl,
      SAFACE_AUTH_SECRET: this.secrets.auth,
      SAFACE_KEY_FILE: keyFile(env.home, 'control-plane'),
      SAFACE_PUBLIC_URL: this.url,
      PORT: String(this.#webPort),
    };
    await this.#supervisor.start(
      processService({
        name: 'web',
        command: process.execPath,
        args: [join(repositoryRoot, 'node_modules/next/dist/bin/next'), 'start', '-p', String(this.#webPort)],
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
    const redis = redisService('edge-redis', { dir: join(env.home, 'edge/redis'), port: await freePort() });
    await this.#supervisor.start(redis);
    await this.#startNode('edge-agent', {
      entry: 'apps/edge-agent/src/main.ts',
      settings: {
        ...this.#baseEnv(),
        SAFACE_CONTROL_URL: this.url,
        SAFACE_EDGE_TOKEN: token,
        SAFACE_EDGE_NAME: name,
        SAFACE_EDGE_PORT: String(port),
        SAFACE_EDGE_PUBLIC_INGEST_URL: `ws://127.0.0.1:${port}/ingest`,
        SAFACE_EDGE_DIR: join(env.home, 'edge'),
        SAFACE_KEY_FILE: keyFile(env.home, 'edge'),
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
        SAFACE_CAMERA_DIR: join(env.home, 'cameras', key),
        SAFACE_SIMULATOR_DIR: folders.worlds,
        SAFACE_CAMERA_PORT: String(port),
        SAFACE_KEY_FILE: keyFile(env.home, `camera-${key}`),
      },
      ready: () => answers(`http://127.0.0.1:${port}/healthz`),
    });
  }

  /** Process id of a service (`web`, `worker`, `edge-agent`, `camera-<key>`, `postgres`, `redis`, `edge-redis`), or null. */
  pid(name: string): number | null {
    return this.#supervisor.pid(name);
  }

  async stop(): Promise<void> {
    await this.#supervisor.stopAll();
    rmSync(LOCK, { force: true });
  }

  async #startNode(
    name: string,
    { entry, settings, ready }: { entry: string; settings: Record<string, string>; ready: ProcessSpec['ready'] },
  ): Promise<void> {
    await this.#supervisor.start(
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
      SAFACE_HOME: env.home,
      SAFACE_THREADS: String(env.threads),
      NEXT_TELEMETRY_DISABLED: '1',
    };
  }
}

function takeLock(): void {
  if (existsSync(LOCK)) {
    const { pid } = JSON.parse(readFileSync(LOCK, 'utf8')) as { pid: number };
    if (isSafaceProcess(pid)) {
      throw new SafaceError(
        'conflict',
        `SaFace already runs on this machine (process ${pid}, data in ${env.home})`,
        `Stop it with Ctrl-C or \`kill ${pid}\`, or choose another folder with SAFACE_HOME.`,
      );
    }
  }
  mkdirSync(folders.run, { recursive: true });
  writeFileSync(LOCK, JSON.stringify({ pid: process.pid }));
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
