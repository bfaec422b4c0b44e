// Brings a fresh machine to the point where SaFace runs, and says what it is doing. Plain Node: nothing is installed yet.
//   node scripts/setup.mjs [--for test] [--then <saface command> -- <its arguments>]
// Every step checks first whether it is needed, so a second run takes a moment.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' });

export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function fail(message, remedy) {
  say(`\n✖ ${message}\n  ${remedy}`);
  process.exit(1);
}

/** Runs a command with its output on stderr; ends the set-up with the remedy when it fails. */
export function run(command, args, { remedy, ...options } = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (result.error || result.status !== 0) {
    fail(
      `${[command, ...args].join(' ')} failed${result.error ? `: ${result.error.message}` : ` (exit ${result.status ?? result.signal})`}`,
      remedy,
    );
  }
}

function onPath(binary) {
  return [...process.env.PATH.split(delimiter), '/usr/bin', '/usr/local/bin', '/usr/sbin'].some((dir) =>
    existsSync(join(dir, binary)),
  );
}

function step(name, needed, work) {
  if (!needed()) return;
  const started = Date.now();
  say(`▸ ${name}`);
  work();
  say(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

const digest = (...files) => {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
};
const readOrNull = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old`, 'Install Node 20.19 or newer and run the command again.');
}

function installPackages() {
  const marker = join(root, 'node_modules', '.saface-lock');
  const wanted = digest('package-lock.json');
  step(
    'Installing npm packages',
    () => readOrNull(marker) !== wanted,
    () => {
      run('npm', ['ci', '--no-progress', '--loglevel=error'], {
        remedy: 'Check that the npm registry can be reached, then run the command again.',
      });
      writeFileSync(marker, wanted);
    },
  );
}

function installSystemPackages(needed) {
  const missing = needed.filter(({ binary }) => !onPath(binary)).map(({ name }) => name);
  step(
    `Installing ${missing.join(' and ')}`,
    () => missing.length > 0,
    () => {
      const remedy = `Install ${missing.join(' and ')} with your system's package manager and run the command again.`;
      if (!onPath('apt-get')) fail(`${missing.join(' and ')} missing, and this is no Debian or Ubuntu`, remedy);
      const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n'];
      const apt = (...args) => {
        const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
        run(command, rest, { remedy });
      };
      apt('update', '-qq');
      apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
    },
  );
}

function generatePrisma() {
  run(process.execPath, ['prisma/scripts/generate.mjs'], {
    remedy: 'The message above says what is wrong with prisma/schema.prisma.',
  });
}

/** Builds the web app; cached when unchanged. */
export const webBuild = [
  'node_modules/turbo/bin/turbo',
  'run',
  'build',
  '--filter=@saface/web',
  '--output-logs=errors-only',
];

function buildWeb() {
  say('▸ Building the web app (cached when unchanged)');
  run(process.execPath, webBuild, {
    remedy: 'The message above names the file; run `npm run typecheck` for details.',
  });
}

/** `command` is what will be started: a machine that only runs an agent needs less. */
export function setUp({ forTest = false, command = '' } = {}) {
  checkNode();
  installPackages();
  const needsRedis = forTest || (command !== 'camera' && !process.env.REDIS_URL);
  const wanted = needsRedis ? [{ name: 'redis-server', binary: 'redis-server' }] : [];
  if (forTest) wanted.push({ name: 'chromium', binary: 'chromium' });
  installSystemPackages(wanted);
  generatePrisma();
  // `npm test` builds it beside its first checks.
  if (!forTest && !['edge', 'camera'].includes(command)) buildWeb();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const then = args.indexOf('--then');
  setUp({ forTest: args.includes('test') && then < 0, command: then < 0 ? '' : args[then + 1] });
  if (then >= 0) {
    const [command, dashes, ...rest] = args.slice(then + 1);
    const forwarded = dashes === '--' ? rest : [dashes, ...rest].filter(Boolean);
    // Replaces this process as far as a user can tell: same terminal, same exit code, Ctrl-C goes to the child alone.
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['apps/cli/bin/saface.mjs', command, ...forwarded], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
  }
}
