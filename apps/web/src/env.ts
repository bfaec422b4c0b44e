import { join, resolve } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'looks like postgresql://user:password@host:5432/saface'),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'looks like redis://host:6379/0'),
  SAFACE_HOME: z
    .string()
    .min(1)
    .transform((path) => resolve(path)),
  SAFACE_AUTH_SECRET: z.string().min(32, 'must be at least 32 characters; for example `openssl rand -hex 32`'),
  SAFACE_KEY_FILE: z.string().min(1, 'names a file of 32 random bytes with mode 0600'),
  SAFACE_PUBLIC_URL: z.url('is the address that browsers open, as http://host:3000'),
  /** Threads of ONNX Runtime in the worker. */
  SAFACE_THREADS: z.coerce.number().int().min(1).max(64).default(1),
  /** Labelled folders for pre-training lie below it; default SAFACE_HOME/datasets. */
  SAFACE_DATASETS_DIR: z
    .string()
    .min(1)
    .transform((path) => resolve(path))
    .optional(),
  /** What scrapers of /metrics must send; without it anybody who reaches the port may read it. */
  SAFACE_METRICS_TOKEN: z.string().min(16, 'must be at least 16 characters').optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});
export type Env = z.infer<typeof schema>;

/** Where labelled folders for pre-training lie. */
export const datasetsDir = ({ SAFACE_DATASETS_DIR, SAFACE_HOME }: Env): string =>
  SAFACE_DATASETS_DIR ?? join(SAFACE_HOME, 'datasets');

let parsed: Env | undefined;

/** The environment, checked the first time it is asked for: `next build` runs without one. */
export function env(): Env {
  if (parsed) return parsed;
  const result = schema.safeParse(process.env);
  if (!result.success) throw new Error(`The environment is not usable:\n${z.prettifyError(result.error)}`);
  parsed = result.data;
  return parsed;
}
