import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@saface/agent-kit/hash';
import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { env } from '../env.ts';
import { progress } from '../output.ts';
import { type AgentPlace, cameraFolder, cameraService, controlAddress, edgeService } from '../stack/agents.ts';
import { untilInterrupted } from '../stack/interrupt.ts';
import { takeLock } from '../stack/lock.ts';
import { freePort, isFree } from '../stack/ports.ts';
import { redisService } from '../stack/redis.ts';
import type { Service } from '../stack/service.ts';
import { EDGE_PORT, EVERYWHERE } from '../stack/stack.ts';
import { Supervisor } from '../stack/supervisor.ts';

interface AgentOptions {
  readonly control: string;
  readonly name: string;
}

/** `saface edge`, `saface camera`: an agent on a machine of its own, kept alive until Ctrl-C. */
export function addAgentCommands(program: Command): void {
  program
    .command('edge')
    .description('an edge on this machine for a control plane elsewhere, until Ctrl-C')
    .requiredOption('--control <url>', 'address of the control plane')
    .option('--name <name>', 'how it calls itself', hostname())
    .option('--port <n>', 'where cameras reach it', String(EDGE_PORT))
    .option('--ingest <url>', 'the same as cameras see it, ws(s)://...; default this host and port')
    .action(async (options: AgentOptions & { port: string; ingest?: string }) => {
      const port = portOf(options.port);
      const { name } = options;
      const place = { home: env.home, controlUrl: controlAddress(options.control), name, host: EVERYWHERE, port };
      await runAgent({
        kind: 'edge',
        home: env.home,
        credential: join(env.home, 'edge/credential.json'),
        token: env.edgeToken,
        services: async (token) => {
          // What answers there already would pass for this edge.
          if (!(await isFree(port)))
            throw new SafaceError(
              'conflict',
              `Port ${port} is taken`,
              'Stop what uses it, or choose another with --port.',
            );
          const dir = join(env.home, 'edge/redis');
          const redis = env.redisUrl ? null : redisService('edge-redis', { dir, port: await freePort() });
          const redisUrl = env.redisUrl ?? redis?.url ?? '';
          const ingestUrl = options.ingest ?? `ws://${hostname()}:${port}/ingest`;
          const edge = edgeService({ ...place, token, ingestUrl, redisUrl });
          return redis ? [redis, edge] : [edge];
        },
      });
    });
  program
    .command('camera')
    .description('a camera agent on this machine for a control plane elsewhere, until Ctrl-C')
    .requiredOption('--control <url>', 'address of the control plane')
    .option('--name <name>', 'how it calls itself, and its folder', hostname())
    .action(async ({ control, name }: AgentOptions) => {
      const key = keyOf(name);
      const home = cameraFolder(env.home, key);
      const place = { home: env.home, controlUrl: controlAddress(control), name, host: '127.0.0.1' };
      await runAgent({
        kind: 'camera',
        home,
        credential: join(home, 'credential.json'),
        token: env.cameraToken,
        services: async (token) => [cameraService({ ...place, token, port: await freePort(), key })],
      });
    });
}

/** A camera's folder, of a name that people chose; no two names share one. */
function keyOf(name: string): string {
  const readable = name.replace(/[^\p{L}\p{N}_-]+/gu, '-');
  return readable === name ? name : `${readable}-${sha256Hex(Buffer.from(name)).slice(0, 6)}`;
}

interface AgentRun {
  readonly kind: 'edge' | 'camera';
  /** Locks, logs and process ids lie here: one agent for each. */
  readonly home: string;
  readonly credential: string;
  readonly token: AgentPlace['token'];
  /** What to start, in order; the agent is the last. */
  readonly services: (token: AgentPlace['token']) => Promise<readonly Service[]>;
}

async function runAgent({ kind, home, credential, token, services }: AgentRun): Promise<void> {
  const known = existsSync(credential);
  if (known && token !== null)
    progress(
      `This ${kind} is enrolled already and goes on as what it is: the token is only used if it is refused. Another one needs its own --name (cameras) or SAFACE_HOME.`,
    );
  if (!known && token === null)
    throw new SafaceError(
      'unauthenticated',
      `This ${kind} is not enrolled yet`,
      `Make a one-time token in Fleet of the control plane and set SAFACE_${kind.toUpperCase()}_TOKEN to it.`,
    );
  const release = takeLock(home);
  const supervisor = new Supervisor({ logDir: join(home, 'logs'), runDir: join(home, 'run'), onEvent: progress });
  const stop = async () => {
    await supervisor.stopAll();
    release();
  };
  const hopeless = new Hopeless();
  await untilInterrupted({ stop }, async () => {
    await supervisor.endLeftovers();
    for (const service of await services(token))
      await Promise.race([supervisor.start(hopeless.watch(service)), hopeless.end]);
    progress(
      `This ${kind} runs, its log is in ${join(home, 'logs')}. Accept it under Fleet where that is asked for. Ctrl-C stops it.`,
    );
    await hopeless.end;
  });
}

/** Wrong settings: starting the service again would not help. */
class Hopeless {
  readonly end: Promise<never>;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.end = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // It is waited for in turn with the services.
    this.end.catch(() => undefined);
  }

  watch(service: Service): Service {
    return {
      ...service,
      launch: async (log, onEvent) => {
        const handle = await service.launch(log, onEvent);
        void handle.exited.then((reason) => {
          if (reason !== 'exit 2') return;
          this.#reject(
            new SafaceError('invalid-input', `${service.name} ended: ${lastWords(log)}`, `Its log is ${log}.`),
          );
        });
        return handle;
      },
    };
  }
}

/** What an agent said last in its log of JSON lines. */
function lastWords(log: string): string {
  const line = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === 'string' ? msg : line;
  } catch {
    return line;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new SafaceError('invalid-input', `--port ${text} is no port`, 'Give a number from 1 to 65535.');
}
