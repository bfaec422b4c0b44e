import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folders } from '../env.ts';
import { writeWhole } from '../offline/write-results.ts';

/** Rises when learning itself changes, or the tracks it learns from, so that older results are not taken for those of this code. */
const LEARNING_VERSION = 21;

/** The result of one part of an experiment, from the last run where it finished; `plan` names everything that decides it. */
export async function finished<T extends object>(plan: object, make: () => Promise<T>): Promise<T> {
  const dir = join(folders.experiments, 'results');
  const text = JSON.stringify([LEARNING_VERSION, plan]);
  const path = join(dir, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
  const stored = await readFile(path, 'utf8').catch(() => null);
  if (stored !== null) return (JSON.parse(stored) as { result: T }).result;
  const result = await make();
  await mkdir(dir, { recursive: true });
  await writeWhole(path, JSON.stringify({ plan, result }));
  return result;
}
