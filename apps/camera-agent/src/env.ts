import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SafaceError } from '@saface/core';
import { z } from 'zod';

const repositoryRoot = resolve(fileURLToPath(import.meta.url), '../../../..');

const schema = z.object({
  SAFACE_CONTROL_URL: z.url({ protocol: /^https?$/ }),
  SAFACE_CAMERA_TOKEN: z.string().min(1).optional(),
  SAFACE_CAMERA_NAME: z.string().min(1).max(100).default(hostname()),
  SAFACE_HOME: z.string().min(1).default(join(repositoryRoot, '.saface')),
  SAFACE_CAMERA_DIR: z.string().min(1).optional(),
  SAFACE_SIMULATOR_DIR: z.string().min(1).optional(),
  SAFACE_CAMERA_HOST: z.string().min(1).optional(),
  SAFACE_CAMERA_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  SAFACE_KEY_FILE: z.string().min(1).optional(),
  SAFACE_THREADS: z.coerce.number().int().min(1).max(256).default(Math.min(2, availableParallelism())),
  SAFACE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export interface Env {
  readonly controlUrl: string;
  /** One-time token, needed for the first start only. */
  readonly token: string | undefined;
  readonly name: string;
  /** Credential, last good configuration, artifact cache. */
  readonly directory: string;
  readonly simulatorDirectory: string;
  /** Address of this machine to listen at; absent = every one. */
  readonly host: string | undefined;
  /** /metrics and /healthz; 0 takes a free port. */
  readonly port: number;
  readonly keyFile: string | undefined;
  readonly threads: number;
  readonly logLevel: string;
}

/** An empty variable counts as absent. Throws `invalid-input` that names each wrong variable. */
export function readEnv(variables: Readonly<Record<string, string | undefined>> = process.env): Env {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new SafaceError(
      'invalid-input',
      `The environment does not fit: ${z.prettifyError(parsed.error)}`,
      'Correct the environment variables named above.',
    );
  }
  const env = parsed.data;
  const folderName = env.SAFACE_CAMERA_NAME.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  return {
    controlUrl: env.SAFACE_CONTROL_URL.replace(/\/+$/, ''),
    token: env.SAFACE_CAMERA_TOKEN,
    name: env.SAFACE_CAMERA_NAME,
    directory: resolve(env.SAFACE_CAMERA_DIR ?? join(env.SAFACE_HOME, 'cameras', folderName)),
    simulatorDirectory: resolve(env.SAFACE_SIMULATOR_DIR ?? join(env.SAFACE_HOME, 'simulator')),
    host: env.SAFACE_CAMERA_HOST,
    port: env.SAFACE_CAMERA_PORT,
    keyFile: env.SAFACE_KEY_FILE,
    threads: env.SAFACE_THREADS,
    logLevel: env.SAFACE_LOG_LEVEL,
  };
}
