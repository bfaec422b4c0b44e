// `npm test`: set-up, then every check, cheapest first; the first round with a failure ends it with that exit code.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { say, setUp, webBuild } from './setup.mjs';

const started = Date.now();
setUp({ forTest: true });

// All that tests write lies in one folder: gone when they passed, there to be looked at when one failed.
const scratch = mkdtempSync(join(tmpdir(), 'saface-test-'));
// The database's user must get through it to its own.
chmodSync(scratch, 0o711);

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

// The lanes of one round run side by side, the checks of a lane one after another. Integration tests often wait, and leave the other lane
// most of the machine. The browser's stack has it to itself: it recognises and learns meanwhile, with what is left idle.
const rounds = [
  [[['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']]]],
  [
    [['doors', 'npx', ['depcruise', 'apps', 'packages', 'prisma', '--config', '.dependency-cruiser.cjs']]],
    [['web build', process.execPath, webBuild]],
    [['types', 'npx', ['tsc', '-p', 'tsconfig.json']]],
  ],
  [
    [
      ['unit tests', 'npx', ['vitest', 'run', '--project', 'unit']],
      // After the build, which writes the route types.
      ['types of the web app', 'npx', ['tsc', '-p', 'apps/web/tsconfig.json']],
    ],
    [['integration tests', 'npx', ['vitest', 'run', '--project', 'int']]],
    // What the browser's stack would begin with, out of what the others leave idle: they are as quick as without it.
    [['render', 'nice', ['-n', '19', process.execPath, '--import', 'tsx', 'apps/web/e2e/world.ts']]],
  ],
  [[['browser tests', 'npx', ['playwright', 'test', '--config', 'apps/web/playwright.config.ts']]]],
];

/** Runs a check; its lines begin with its name where another runs beside it. Resolves with its exit code. */
function run([name, command, args], beside) {
  const from = Date.now();
  say(`\n▸ ${name}: ${[command, ...args].join(' ')}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: beside ? ['inherit', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, npm_config_update_notifier: 'false', TMPDIR: scratch },
    });
    for (const stream of beside ? [child.stdout, child.stderr] : [])
      createInterface({ input: stream }).on('line', (line) => say(`${name} │ ${line}`));
    child.on('error', (error) => {
      say(error.message);
      resolve(1);
    });
    child.on('close', (code) => {
      say(code === 0 ? `✔ ${name} in ${seconds(from)}` : `✖ ${name} failed after ${seconds(from)}`);
      resolve(code ?? 1);
    });
  });
}

/** Runs the checks of a lane up to the first that fails, whose exit code it resolves with. */
async function runLane(lane, beside) {
  for (const check of lane) {
    const code = await run(check, beside);
    if (code !== 0) return code;
  }
  return 0;
}

for (const lanes of rounds) {
  const codes = await Promise.all(lanes.map((lane) => runLane(lane, lanes.length > 1)));
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) {
    say(`What the tests left behind, logs among it: ${scratch}`);
    process.exit(failed);
  }
}
rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
say(`\n✔ all checks passed in ${((Date.now() - started) / 60_000).toFixed(1)} minutes`);
