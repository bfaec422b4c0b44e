// Generates the Prisma client when the schema changed since the last time. Safe to call on every start.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const cli = require.resolve('prisma/build/index.js');
const hash = createHash('sha256')
  .update(readFileSync(join(folder, 'schema.prisma')))
  .update(readFileSync(join(dirname(dirname(cli)), 'package.json')))
  .digest('hex');
const stamp = join(folder, 'generated', '.schema-sha256');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  // `generate` needs no schema engine, yet the CLI would download one unless it is told where one lies; any file will do.
  const result = spawnSync(process.execPath, [cli, 'generate'], {
    cwd: folder,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}`);
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, hash);
  process.stderr.write('Generated the database client.\n');
}
