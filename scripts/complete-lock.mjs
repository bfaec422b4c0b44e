// Completes package-lock.json with the platform packages (darwin, win32, musl, ...) that the registry at hand does not serve.
//   node scripts/complete-lock.mjs [--check]
// `npm install` leaves out of the lock what it cannot fetch, and `npm ci` then refuses the lock as out of sync. A platform package that is
// named with its os, cpu and libc is skipped by `npm ci` elsewhere, unfetched. Run it after changing dependencies; `--check` only complains.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos', 'aix', 'win32', 'windows'];
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32', '64'];

/** os, cpu and libc as a platform package's name tells them, e.g. `@next/swc-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split('/').pop().split(/[-.]/);
  const os = words.find((word) => OS.includes(word));
  const cpu = words.find((word) => CPU.includes(word));
  if (!os && cpu !== 'wasm32') return null;
  return {
    ...(cpu && { cpu: [cpu === '64' ? 'x64' : cpu] }),
    ...(os && { os: [os === 'windows' ? 'win32' : os] }),
    ...(words.includes('musl') && { libc: ['musl'] }),
  };
}

const locked = (name) => Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`));

const missing = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    if (!platform || locked(name) || !/^\d/.test(version)) continue;
    missing.push(name);
    lock.packages[`node_modules/${name}`] = { version, ...platform, ...(entry.dev && { dev: true }), optional: true };
  }
}

if (missing.length > 0 && process.argv.includes('--check')) {
  process.stderr.write(`package-lock.json lacks ${missing.join(', ')}. Run: node scripts/complete-lock.mjs\n`);
  process.exit(1);
}
if (missing.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
}
process.stderr.write(`${missing.length} platform packages added\n`);
