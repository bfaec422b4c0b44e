import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { physicalCores } from '@saface/engine';
import { type Check, fail, ok, warn } from './check.ts';

const GIB = 2 ** 30;
const OLDEST_NODE = [20, 19] as const;
/** The first commit of this product is younger: a clock before it is wrong. */
const EARLIEST = Date.UTC(2025, 0, 1);

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const newEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return newEnough ? ok('node', version) : fail('node', version, `Install Node ${OLDEST_NODE.join('.')} or newer.`);
}

export function checkMemory(bytes: number = totalmem()): Check {
  const found = `${(bytes / GIB).toFixed(1)} GiB`;
  if (bytes >= 3.5 * GIB) return ok('memory', found);
  return warn('memory', found, 'Training takes up to 1.5 GiB beside recognition: give this machine 4 GiB.');
}

export function checkCores(): Check {
  const found = `${physicalCores()} physical, ${availableParallelism()} logical`;
  return availableParallelism() >= 2
    ? ok('cores', found)
    : warn('cores', found, 'One core trains only while nobody is in view.');
}

/** Space where `folder` is or will be. */
export async function checkDisk(folder: string): Promise<Check> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const found = `${(free / GIB).toFixed(1)} GiB free at ${existing}`;
  if (free < 0.5 * GIB) return fail('disk', found, 'Free at least 2 GiB: databases, models and checkpoints need it.');
  return free < 2 * GIB ? warn('disk', found, 'Free at least 2 GiB before learning for long.') : ok('disk', found);
}

export function checkClock(now: number): Check {
  const found = new Date(now).toISOString();
  return now >= EARLIEST
    ? ok('clock', found)
    : fail('clock', found, 'Set the clock (NTP): certificates, tokens and events depend on it.');
}

interface Binary {
  readonly name: string;
  readonly command: string;
  readonly missing: (name: string) => Check;
}

/** Programs that are started by name. */
export function checkBinaries(path: string, external: { readonly redis: boolean }): Check[] {
  const binaries: readonly Binary[] = [
    {
      name: 'redis-server',
      command: 'redis-server',
      missing: (name) =>
        external.redis
          ? ok(name, 'not needed: REDIS_URL is set')
          : fail(name, 'not found', 'Install it ("apt-get install redis-server"), or set REDIS_URL.'),
    },
    {
      name: 'chromium',
      command: 'chromium',
      missing: (name) => warn(name, 'not found', 'Only browser tests need it: "apt-get install chromium".'),
    },
  ];
  return binaries.map(({ name, command, missing }) => {
    const place = findProgram(command, path);
    return place === null ? missing(name) : ok(name, place);
  });
}

export function findProgram(command: string, path: string): string | null {
  for (const folder of [...path.split(delimiter), '/usr/bin', '/usr/local/bin', '/usr/sbin']) {
    const place = join(folder, command);
    if (isExecutable(place)) return place;
  }
  return null;
}

function isExecutable(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the search goes on.
    return false;
  }
}
