import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { z } from 'zod';
import { env, repositoryRoot } from '../env.ts';

const claimSchema = z.object({
  claim: z.string(),
  passed: z.boolean(),
  detail: z.string(),
  figures: z.record(z.string(), z.number().nullable()),
});

/** What the day's process reports; its rows are passed on as they are. */
export const dayReportSchema = z.object({
  recogniser: z.string(),
  hours: z.number(),
  speed: z.number(),
  seconds: z.number(),
  rows: z.array(z.looseObject({ hour: z.number() })),
  claims: z.array(claimSchema),
  passed: z.boolean(),
  problems: z.array(z.string()),
});
export type DayReport = z.infer<typeof dayReportSchema>;

const entry = join(repositoryRoot, 'apps/edge-agent/src/testing/endurance/main.ts');

/** Runs the day beside a real edge agent, in a process of its own; its progress goes to stderr. */
export async function startDay(argument: {
  readonly pool: string;
  readonly hours: number;
  readonly hourSeconds: number;
}): Promise<DayReport> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, JSON.stringify(argument)], {
    env: { PATH: env.path, HOME: env.userHome },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new SafaceError('internal', `The day ended with code ${code}`, 'What went wrong is said above.');
  return dayReportSchema.parse(JSON.parse(output));
}
