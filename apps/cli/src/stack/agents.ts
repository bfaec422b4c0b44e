import { join } from 'node:path';
import { allocatorEnvironment } from '@saface/agent-kit';
import { SafaceError } from '@saface/core';
import { env, folders, repositoryRoot } from '../env.ts';
import { keyFile } from './secrets.ts';
import { type ProcessSpec, processService, type Service } from './service.ts';

/** What every agent has to know. */
export interface AgentPlace {
  /** Everything that this installation writes lies below. */
  readonly home: string;
  /** Address of the control plane. */
  readonly controlUrl: string;
  /** How it calls itself in Fleet. */
  readonly name: string;
  /** One-time, for the first start only. */
  readonly token: string | null;
  /** Of this machine, where the agent's own door opens. */
  readonly host: string;
  readonly port: number;
}

/** The edge agent; `ingestUrl` is where cameras reach it. */
export function edgeService(place: AgentPlace & { readonly ingestUrl: string; readonly redisUrl: string }): Service {
  const { home, token, host, port } = place;
  return nodeService('edge-agent', {
    entry: 'apps/edge-agent/src/main.ts',
    settings: {
      ...agentEnvironment(place),
      ...(token !== null && { SAFACE_EDGE_TOKEN: token }),
      SAFACE_EDGE_NAME: place.name,
      SAFACE_EDGE_HOST: host,
      SAFACE_EDGE_PORT: String(port),
      SAFACE_EDGE_PUBLIC_INGEST_URL: place.ingestUrl,
      SAFACE_EDGE_DIR: join(home, 'edge'),
      SAFACE_KEY_FILE: keyFile(home, 'edge'),
      SAFACE_ENGINE: env.engine.engine,
      SAFACE_PROVIDER: env.engine.provider,
      ...env.drivers,
      REDIS_URL: place.redisUrl,
    },
    ready: () => answers(`http://${reachable(host)}:${port}/healthz`),
  });
}

/** A camera agent; `key` tells those of one machine apart. */
export function cameraService(place: AgentPlace & { readonly key: string }): Service {
  const { home, token, host, port, key } = place;
  return nodeService(`camera-${key}`, {
    entry: 'apps/camera-agent/src/main.ts',
    settings: {
      ...agentEnvironment(place),
      ...(token !== null && { SAFACE_CAMERA_TOKEN: token }),
      SAFACE_CAMERA_NAME: place.name,
      SAFACE_CAMERA_DIR: cameraFolder(home, key),
      SAFACE_SIMULATOR_DIR: folders.worlds,
      SAFACE_CAMERA_HOST: host,
      SAFACE_CAMERA_PORT: String(port),
      SAFACE_KEY_FILE: keyFile(home, `camera-${key}`),
    },
    ready: () => answers(`http://${reachable(host)}:${port}/healthz`),
  });
}

export const cameraFolder = (home: string, key: string): string => join(home, 'cameras', key);

/** A process of this checkout, TypeScript as it is. */
export function nodeService(
  name: string,
  { entry, settings, ready }: { entry: string; settings: Record<string, string>; ready: ProcessSpec['ready'] },
): Service {
  return processService({
    name,
    command: process.execPath,
    args: ['--import', 'tsx', join(repositoryRoot, entry)],
    cwd: repositoryRoot,
    env: settings,
    ready,
  });
}

/** A service sees what it needs and nothing of the environment that this command happened to be started in. */
export function baseEnvironment(home: string): Record<string, string> {
  return {
    ...allocatorEnvironment,
    ...env.certificates,
    PATH: env.path,
    HOME: env.userHome,
    NODE_ENV: 'production',
    SAFACE_HOME: home,
    SAFACE_THREADS: String(env.threads),
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

const agentEnvironment = ({ home, controlUrl }: AgentPlace): Record<string, string> => ({
  ...baseEnvironment(home),
  SAFACE_CONTROL_URL: controlUrl,
});

/** Every interface is no address to call. */
export const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

/** @throws SafaceError 'invalid-input' unless it is http(s) and nothing but an address: nothing is served below a path */
export function controlAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.pathname === '/') return url.origin;
  throw new SafaceError(
    'invalid-input',
    `"${text}" is no address of a control plane`,
    'Give the one that browsers open, as https://saface.example.',
  );
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
}
