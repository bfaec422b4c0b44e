// `npm test`: set-up, then every check, cheapest first; the first failure ends it with its exit code.

import { spawnSync } from 'node:child_process';
import { say, setUp } from './setup.mjs';

const started = Date.now();
setUp({ forTest: true });

const checks = [
  ['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
  ['doors', 'npx', ['depcruise', 'apps', 'packages', 'prisma', '--config', '.dependency-cruiser.cjs']],
  ['types', 'npm', ['run', '--silent', 'typecheck']],
  ['unit tests', 'npx', ['vitest', 'run', '--project', 'unit']],
  ['integration tests', 'npx', ['vitest', 'run', '--project', 'int']],
  ['end-to-end tests', 'npx', ['playwright', 'test', '--config', 'apps/web/playwright.config.ts']],
];

for (const [name, command, args] of checks) {
  const from = Date.now();
  say(`\n▸ ${name}: ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, npm_config_update_notifier: 'false' },
  });
  if (error) say(error.message);
  if (status !== 0) {
    say(`✖ ${name} failed after ${((Date.now() - from) / 1000).toFixed(0)} s`);
    process.exit(status ?? 1);
  }
  say(`✔ ${name} in ${((Date.now() - from) / 1000).toFixed(0)} s`);
}
say(`\n✔ all checks passed in ${((Date.now() - started) / 60_000).toFixed(1)} minutes`);
