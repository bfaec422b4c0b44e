// `npm test`: set-up, then every check; the first round with a failure ends it with that exit code.

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { say, setUp, webBuild } from './setup.mjs';

const started = Date.now();
setUp({ forTest: true });

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

const idlePolicy = spawnSync('chrt', ['--idle', '0', 'true']).status === 0;

// A round is lanes side by side, a lane is checks one after the other.
const rounds = [
  [[['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']]]],
  [
    [['doors', 'npx', ['depcruise', 'apps', 'packages', 'prisma', '--config', '.dependency-cruiser.cjs']]],
    [['web build', process.execPath, webBuild]],
  ],
  [
    // Mostly waiting: for live video, and for training that may only use what recognition leaves idle.
    [['browser tests', 'npx', ['playwright', 'test', '--config', 'apps/web/playwright.config.ts']]],
    // In the pauses of those, or the browser's stack would find nothing idle to learn with. (The types not before: they and the build
    // both write the web app's route types.)
    [
      ['types', ...inPauses('npm', ['run', '--silent', 'typecheck'])],
      ['unit tests', ...inPauses('npx', ['vitest', 'run', '--project', 'unit'])],
      ['integration tests', ...inPauses('npx', ['vitest', 'run', '--project', 'int'])],
    ],
  ],
];

/** The command at the lowest priority, which those it starts inherit: below training's own, where the system allows it. */
function inPauses(command, args) {
  const [name, ...flags] = idlePolicy ? ['chrt', '--idle', '0'] : ['nice', '-n', '19'];
  return [name, [...flags, command, ...args]];
}

/** Runs a check; its lines begin with its name where another runs beside it. Resolves with its exit code. */
function run([name, command, args], beside) {
  const from = Date.now();
  say(`\n▸ ${name}: ${[command, ...args].join(' ')}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: beside ? ['inherit', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, npm_config_update_notifier: 'false' },
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

/** Resolves with the exit code of the first check that fails, after which no other of its lane begins. */
async function runLane(checks, beside) {
  for (const check of checks) {
    const code = await run(check, beside);
    if (code !== 0) return code;
  }
  return 0;
}

for (const lanes of rounds) {
  const codes = await Promise.all(lanes.map((checks) => runLane(checks, lanes.length > 1)));
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) process.exit(failed);
}
say(`\n✔ all checks passed in ${((Date.now() - started) / 60_000).toFixed(1)} minutes`);
