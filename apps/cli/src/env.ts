import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SafaceError } from '@saface/core';
import { defaultEngineChoice, engineNames, providerChoices } from '@saface/engine/engines/index';
import { z } from 'zod';

/** The checkout: everything the CLI starts lives in it. */
export const repositoryRoot = resolve(fileURLToPath(import.meta.url), '../../../..');

const schema = z.object({
  SAFACE_HOME: z.string().min(1).default(join(repositoryRoot, '.saface')),
  SAFACE_THREADS: z.coerce.number().int().min(1).max(256).default(availableParallelism()),
  SAFACE_ENGINE: z.enum(engineNames).default(defaultEngineChoice.engine),
  SAFACE_PROVIDER: z.enum(providerChoices).default(defaultEngineChoice.provider),
  DATABASE_URL: z.url().optional(),
  REDIS_URL: z.url().optional(),
  SAFACE_MODEL_MIRROR: z.string().min(1).optional(),
  SAFACE_WORLD_DIR: z.string().min(1).optional(),
  SAFACE_DEMO_SECONDS: z.coerce.number().int().min(10).max(3600).default(60),
  SAFACE_DEMO_RATE: z.coerce.number().min(1).max(60).default(5),
  SAFACE_DATA_DIR: z.string().min(1).default(join(repositoryRoot, '../shared/data')),
  SAFACE_METRICS_TOKEN: z.string().min(16).optional(),
  SAFACE_EDGE_TOKEN: z.string().optional(),
  SAFACE_CAMERA_TOKEN: z.string().optional(),
  PORT: z.coerce.number().int().min(1).max(65535).optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  HOME: z.string().default('/'),
});

const drivers = z.object({
  LD_LIBRARY_PATH: z.string().optional(),
  CUDA_VISIBLE_DEVICES: z.string().optional(),
  VK_ICD_FILENAMES: z.string().optional(),
});

/** Who vouches for a control plane that is reached by https, where that is nobody whom Node.js knows. */
const certificates = z.object({ NODE_EXTRA_CA_CERTS: z.string().optional() });

const parsed = schema.safeParse(process.env);
if (!parsed.success) {
  throw new SafaceError(
    'invalid-input',
    z.prettifyError(parsed.error),
    'Correct the environment variable named above.',
  );
}

export const env = {
  /** Everything SaFace writes at run time: databases, models, videos, credentials, logs. */
  home: resolve(parsed.data.SAFACE_HOME),
  /** Real videos and pictures for evaluation; never shipped, only read. */
  dataDir: resolve(parsed.data.SAFACE_DATA_DIR),
  worldDir: resolve(parsed.data.SAFACE_WORLD_DIR ?? join(parsed.data.SAFACE_HOME, 'worlds')),
  /** Length of the demo's videos. */
  demoSeconds: parsed.data.SAFACE_DEMO_SECONDS,
  /** Frames a second that its cameras look at; the default is what two cameras on two cores leave time for. */
  demoRate: parsed.data.SAFACE_DEMO_RATE,
  threads: parsed.data.SAFACE_THREADS,
  /** What recognises and learns. */
  engine: { engine: parsed.data.SAFACE_ENGINE, provider: parsed.data.SAFACE_PROVIDER },
  /** A folder or http address that holds the model catalogue's files. */
  modelMirror: parsed.data.SAFACE_MODEL_MIRROR ?? null,
  databaseUrl: parsed.data.DATABASE_URL ?? null,
  redisUrl: parsed.data.REDIS_URL ?? null,
  port: parsed.data.PORT ?? null,
  /** Closes /metrics of the control plane to everybody else. */
  metricsToken: parsed.data.SAFACE_METRICS_TOKEN ?? null,
  path: parsed.data.PATH,
  userHome: parsed.data.HOME,
  /** Where the drivers of a GPU are found. */
  drivers: given(drivers.parse(process.env)),
  certificates: given(certificates.parse(process.env)),
  /** One-time tokens for the first start of an agent. */
  edgeToken: parsed.data.SAFACE_EDGE_TOKEN || null,
  cameraToken: parsed.data.SAFACE_CAMERA_TOKEN || null,
};

function given(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What several stacks of this machine share. */
export const folders = {
  models: join(env.home, 'models'),
  /** Rendered videos of the simulated world. */
  worlds: env.worldDir,
  /** What the experiments keep: sightings, features, results of finished cells. */
  experiments: join(env.home, 'experiments'),
  /** What nobody needs after the command that made it. */
  scratch: join(env.home, 'scratch'),
};
