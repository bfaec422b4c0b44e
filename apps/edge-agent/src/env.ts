import { availableParallelism, homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { SafaceError } from '@saface/core';
import { defaultEngineChoice, type EngineChoice, engineNames, providerChoices } from '@saface/engine/engines/index';
import { z } from 'zod';

const empty = (value: unknown) => (value === '' ? undefined : value);
const port = z.preprocess(empty, z.coerce.number().int().min(0).max(65_535));

const schema = z.object({
  SAFACE_CONTROL_URL: z
    .string()
    .regex(/^https?:\/\//, 'SAFACE_CONTROL_URL is the address of the control plane, http(s)://...'),
  SAFACE_EDGE_TOKEN: z.preprocess(empty, z.string().optional()),
  SAFACE_EDGE_NAME: z.preprocess(empty, z.string().max(100).default(hostname())),
  SAFACE_EDGE_HOST: z.preprocess(empty, z.string().optional()),
  SAFACE_EDGE_PORT: port.default(7070),
  SAFACE_EDGE_PUBLIC_INGEST_URL: z.preprocess(
    empty,
    z
      .string()
      .regex(/^wss?:\/\//, 'SAFACE_EDGE_PUBLIC_INGEST_URL is where cameras reach this edge, ws(s)://...')
      .optional(),
  ),
  SAFACE_EDGE_DIR: z.preprocess(empty, z.string().optional()),
  SAFACE_HOME: z.preprocess(empty, z.string().optional()),
  SAFACE_KEY_FILE: z.preprocess(empty, z.string().optional()),
  REDIS_URL: z.preprocess(
    empty,
    z
      .string()
      .regex(/^rediss?:\/\//)
      .default('redis://127.0.0.1:6379'),
  ),
  SAFACE_THREADS: z.preprocess(
    empty,
    z.coerce.number().int().min(1).max(256).default(Math.min(2, availableParallelism())),
  ),
  SAFACE_TRAINER_THREADS: z.preprocess(empty, z.coerce.number().int().min(1).max(256).default(1)),
  SAFACE_ENGINE: z.preprocess(empty, z.enum(engineNames).default(defaultEngineChoice.engine)),
  SAFACE_PROVIDER: z.preprocess(empty, z.enum(providerChoices).default(defaultEngineChoice.provider)),
});

export interface EdgeEnv {
  readonly controlUrl: string;
  /** One-time token, only for the first start. */
  readonly token: string | null;
  readonly name: string;
  /** Address of this machine to listen at; absent = every one. */
  readonly host: string | undefined;
  /** 0 = any free port. */
  readonly port: number;
  /** Null = derived from the port that was bound. */
  readonly publicIngestUrl: string | null;
  /** State of this edge: credential, artifact cache, tracks, runs. */
  readonly dir: string;
  readonly keyFile: string;
  readonly redisUrl: string;
  readonly threads: number;
  readonly trainerThreads: number;
  /** What recognises and learns. */
  readonly engine: EngineChoice;
}

/** Where GPU drivers and their libraries are found and which GPU is meant. Holds no secrets. */
export function driverEnvironment(source: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = ['LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'VK_ICD_FILENAMES'];
  return Object.fromEntries(
    names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]] as const])),
  );
}

/** Known before everything else, as errors in the environment are logged too. */
export function logLevel(source: NodeJS.ProcessEnv = process.env): string {
  const level = source.SAFACE_LOG_LEVEL ?? '';
  return ['debug', 'info', 'warn', 'error'].includes(level) ? level : 'info';
}

/** @throws SafaceError `invalid-input` that names the variable */
export function parseEnv(source: NodeJS.ProcessEnv = process.env): EdgeEnv {
  const parsed = schema.safeParse(source);
  if (!parsed.success)
    throw new SafaceError(
      'invalid-input',
      `The environment of the edge agent is incomplete:\n${z.prettifyError(parsed.error)}`,
      'Set the variables named above.',
    );
  const env = parsed.data;
  const home = env.SAFACE_HOME ?? join(homedir(), '.saface');
  const dir = resolve(env.SAFACE_EDGE_DIR ?? join(home, 'edge'));
  return {
    controlUrl: env.SAFACE_CONTROL_URL.replace(/\/+$/, ''),
    token: env.SAFACE_EDGE_TOKEN ?? null,
    name: env.SAFACE_EDGE_NAME,
    host: env.SAFACE_EDGE_HOST,
    port: env.SAFACE_EDGE_PORT,
    publicIngestUrl: env.SAFACE_EDGE_PUBLIC_INGEST_URL ?? null,
    dir,
    keyFile: resolve(env.SAFACE_KEY_FILE ?? join(dir, 'key')),
    redisUrl: env.REDIS_URL,
    threads: env.SAFACE_THREADS,
    trainerThreads: env.SAFACE_TRAINER_THREADS,
    engine: { engine: env.SAFACE_ENGINE, provider: env.SAFACE_PROVIDER },
  };
}
