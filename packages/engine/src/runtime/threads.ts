import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

let cores: number | undefined;

/**
 * Physical cores this process may use. Matrix products gain nothing from hyper-threads, and two
 * threads of one core fight over its vector units.
 */
export function physicalCores(): number {
  cores ??= Math.max(1, Math.min(countCores(), availableParallelism()));
  return cores;
}

function countCores(): number {
  const root = '/sys/devices/system/cpu';
  try {
    const siblings = readdirSync(root)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${root}/${name}/topology/thread_siblings_list`, 'utf8').trim());
    return new Set(siblings).size || availableParallelism();
  } catch {
    // Not Linux, or a sandbox without sysfs: logical cores are the best known number.
    return availableParallelism();
  }
}
