import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';

/** One supervisor per home. Returns what gives the home free again. */
export function takeLock(home: string): () => void {
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
