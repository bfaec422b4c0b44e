import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Run as a program it renders the simulated world beforehand, so that the stack of the browser tests finds it.

const root = resolve(fileURLToPath(import.meta.url), '../../../..');

/**
 * Environment of the browser tests' stack: a world that outlives it and is shorter than the demo's, as rendering is what a first start spends
 * its time on; and cameras that leave more of a small machine to the trainer, whose first version the tests wait for.
 */
export const world = {
  SAFACE_WORLD_DIR: process.env.SAFACE_WORLD_DIR ?? join(root, '.saface/worlds'),
  SAFACE_DEMO_SECONDS: '15',
  SAFACE_DEMO_RATE: '3',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { status } = spawnSync(process.execPath, ['apps/cli/bin/saface.mjs', 'demo', '--prepare'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...world },
  });
  process.exitCode = status ?? 1;
}
